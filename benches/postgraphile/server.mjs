// PostGraphile on node's own HTTP server: `POST /graphql` on 127.0.0.1, from the views of setup.sql.
//
// DATABASE_URL and PORT say where. A process of JavaScript keeps one core busy, so there are as many as there are cores, or PROCESSES; they
// share the port and the ten connections to the database. GRAPHILE_ENV has to be `production` from the start: PostGraphile reads it as it is
// loaded, and without it checks each step of a plan while it runs.

import cluster from "node:cluster";
import { createServer } from "node:http";
import { availableParallelism } from "node:os";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const CONNECTIONS = 10;
// The database is in memory, where a page out of order costs little more than one in order. Told otherwise, PostgreSQL reads all partners for
// each customer rather than look up the few that its subscriptions name, and the statement takes three times as long.
const SETTINGS = "-c random_page_cost=1.1";

const { DATABASE_URL: connectionString, PORT: port, GRAPHILE_ENV: mode, PROCESSES } = process.env;
const processes = Number(PROCESSES ?? availableParallelism());
if (!connectionString || !port || mode !== "production" || !(processes >= 1)) {
  console.error("error: DATABASE_URL, PORT and GRAPHILE_ENV=production must be set\nhint: benches/postgraphile/run sets them");
  process.exit(2);
}

async function serve() {
  const poolConfig = { max: Math.ceil(CONNECTIONS / processes), options: SETTINGS };
  const pgl = postgraphile({
    extends: [PostGraphileAmberPreset],
    pgServices: [makePgService({ connectionString, schemas: ["rival"], poolConfig })],
    grafserv: { graphiql: false, watch: false, outputDataAsString: true },
    grafast: { explain: false },
  });
  const serv = pgl.createServ(grafserv);
  const server = createServer();
  await serv.addTo(server);
  await serv.ready();
  server.listen(Number(port), "127.0.0.1");
}

if (!cluster.isPrimary) {
  await serve();
} else {
  let waiting = processes;
  cluster.on("listening", () => {
    waiting -= 1;
    if (waiting === 0) console.log(`PostGraphile answers on http://127.0.0.1:${port}/graphql, processes: ${processes}`);
  });
  // A process that ends takes the others with it: a rate of fewer would not be told apart.
  cluster.on("exit", () => process.exit(1));
  for (let i = 0; i < processes; i += 1) cluster.fork();
}
