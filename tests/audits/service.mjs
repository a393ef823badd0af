// A server on its own database, with a provider, its resellers and a token.

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const ORIGIN = "https://portal.example.com";

export class Service {
  static async start(program) {
    const service = new Service(program);
    try {
      service.setUp();
      await service.serve();
    } catch (error) {
      service.kill();
      throw error;
    }
    return service;
  }

  constructor(program) {
    this.program = program;
    this.directory = mkdtempSync(join(tmpdir(), "partnergraph-audits-"));
    const database = `sqlite:${join(this.directory, "graph.db")}`;
    this.environment = { PATH: process.env.PATH, DATABASE_URL: database, PARTNERGRAPH_CORS_ORIGINS: ORIGIN };
    this.partners = 0;
  }

  setUp() {
    this.command("migrate");
    this.provider = this.addPartner("INDIRECT_PROVIDER", "Northwind");
    this.token = this.command(
      ...["token", "create", "--org", this.provider, "--user", "anna@northwind.example", "--role", "GLOBAL_ADMIN"],
    );
  }

  async serve() {
    const options = { cwd: this.directory, env: this.environment, stdio: ["ignore", "ignore", "pipe"] };
    this.child = spawn(this.program, ["serve", "--listen", "127.0.0.1:0"], options);
    // The server always ends with the checks.
    process.once("exit", () => this.kill());
    this.ended = new Promise((resolve) => this.child.once("exit", (code, signal) => resolve(code ?? signal)));
    const lines = createInterface({ input: this.child.stderr });
    this.log = [];
    const address = new Promise((resolve, reject) => {
      lines.on("line", (line) => {
        this.log.push(line);
        const found = /listening on (http:\/\/\S+)/.exec(line);
        if (found) resolve(found[1]);
      });
      this.ended.then((code) => reject(new Error(`the server ended with ${code}\n${this.log.join("\n")}`)));
    });
    this.origin = await address;
    this.url = `${this.origin}/graphql`;
    this.socketUrl = `${this.origin.replace("http", "ws")}/graphql/ws`;
  }

  /** The output of a command of the program. */
  command(...words) {
    const options = { cwd: this.directory, env: this.environment, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] };
    return execFileSync(this.program, words, options).trim();
  }

  addPartner(type, name) {
    this.partners += 1;
    const mpnId = String(4500000 + this.partners);
    const tenantId = `00000000-0000-4000-8000-${String(this.partners).padStart(12, "0")}`;
    this.command(
      ...["partner", "add", "--type", type, "--name", name, "--country", "PL"],
      ...["--mpn-id", mpnId, "--tenant-id", tenantId],
    );
    return mpnId;
  }

  /** Customers and subscriptions of the provider, from a file. */
  book() {
    const path = join(this.directory, "book.csv");
    const header =
      "CustomerId,CustomerName,CustomerDomainName,CustomerCountry,OrderDate,ProductId,SkuId,SkuName,ProductName," +
      "ChargeType,UnitPrice,Quantity,Subtotal,Currency,SubscriptionId,ChargeStartDate,ChargeEndDate,TermAndBillingCycle";
    const lines = [header];
    for (let n = 0; n < 60; n += 1) {
      const id = (start, number) => `${start}-0000-4000-8000-${String(number).padStart(12, "0")}`;
      const customer = n % 20;
      lines.push(
        `${id("22222222", customer)},Customer ${customer},c${customer}.example,PL,2026-06-18,P,1,M365,M365,new,1.00,5,5.00,USD,` +
          `${id("33333333", n)},2026-06-18,2027-06-17,1 Year commitment for monthly billing`,
      );
    }
    writeFileSync(path, lines.join("\n"));
    this.command("import", path, "--as", this.provider, "--progress", "none");
  }

  /** Causes an event that the provider can see. */
  happen() {
    const reseller = this.addPartner("INDIRECT_RESELLER", `Reseller ${this.partners}`);
    this.command("partner", "link", this.provider, reseller);
  }

  get authorization() {
    return `Bearer ${this.token}`;
  }

  terminate() {
    this.child.kill("SIGTERM");
  }

  kill() {
    this.child?.kill("SIGKILL");
    rmSync(this.directory, { recursive: true, force: true });
  }
}
