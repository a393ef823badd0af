// PostGraphile on Node.js's own HTTP server: `POST /graphql` on 127.0.0.1, for the views of setup.sql.
//
// DATABASE_URL and PORT are required. A JavaScript process uses one core, so there is one process for each core, or as many as PROCESSES states.
// They share the port and ten database connections. GRAPHILE_ENV must be `production` before PostGraphile is loaded; otherwise PostGraphile
// checks each step of a plan while it runs.

import cluster from "node:cluster";
import { createServer } from "node:http";
import { availableParallelism } from "node:os";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const CONNECTIONS = 10;
// The database is in memory, where random access costs little more than sequential access. With the default setting, PostgreSQL reads all partners
// for each customer instead of looking up the few that its subscriptions refer to, and the statement takes three times as long.
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
    if (waiting === 0) console.log(`PostGraphile is listening on http://127.0.0.1:${port}/graphql, processes: ${processes}`);
  });
  // If a process ends, all end, because a rate measured with fewer processes would go unnoticed.
  cluster.on("exit", () => process.exit(1));
  for (let i = 0; i < processes; i += 1) cluster.fork();
}
