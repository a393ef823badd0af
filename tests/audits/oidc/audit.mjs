// Tests Partnergraph with a certified OpenID Connect provider (oidc-provider) over HTTP: tokens that the provider issues are
// accepted, with exactly the organisation, name and roles that they state.
//
//   npm ci && npm run audit -- ../../../target/debug/partnergraph
//
// Exits with 0 if all checks succeed, otherwise with 1 and the first failure; a warning is a failure too. The provider needs
// Node.js 22, which npm installs (`npm run` finds it before any other); if it is already installed, `npm ci --omit=optional` skips it.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';
import { heard, out } from '../quiet.mjs';

const AUDIENCE = 'urn:partnergraph';
const PROVIDER = '0f6c2a7e-0000-4000-8000-000000000001';
const PLATFORM = '0f6c2a7e-0000-4000-8000-0000000000ff';
const binary = path.resolve(process.argv[2] ?? '../../../target/debug/partnergraph');
const directory = mkdtempSync(path.join(tmpdir(), 'partnergraph-oidc-'));

// The user of each client of the provider: the claims that an identity platform would state for a user.
const people = {
  anna: { tid: PROVIDER, upn: 'anna@northwind.example', roles: ['ADMIN_AGENT', 'Some.Other.App'] },
  olga: { tid: PLATFORM, upn: 'olga@platform.example', roles: ['Partnergraph.Operate'] },
  eve: { tid: PROVIDER, upn: 'eve@northwind.example', roles: ['Partnergraph.Operate', 'OPERATOR'] },
  nameless: { tid: PROVIDER, roles: ['ADMIN_AGENT'] },
};

async function key(algorithm, kid) {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg: algorithm, use: 'sig' };
}

// Nothing needs to be stored beyond a request, because the clients get a JWT. The provider's own store warns that it is not persistent.
class Nothing {
  async upsert() {}
  async find() {}
  async destroy() {}
}

// A provider keeps its state in memory of its module, so a restarted one has other keys on the same port.
async function startIssuer(port, jwks, signedWith) {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    adapter: Nothing,
    jwks: { keys: jwks },
    clients: Object.keys(people).map((id) => ({
      client_id: id,
      client_secret: `${id}-secret`,
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      id_token_signed_response_alg: jwks[0].alg,
    })),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource) => ({
          scope: 'graph',
          audience: resource,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: signedWith } },
        }),
      },
    },
    ttl: { ClientCredentials: 600 },
    extraTokenClaims: (_context, token) => people[token.clientId],
  });
  server.on('request', provider.callback());
  return { issuer, server, close: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }) };
}

async function token(issuer, client, audience = AUDIENCE) {
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${client}:${client}-secret`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
      // The next provider on this port does not know the connections of this one.
      connection: 'close',
    },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource: audience, scope: 'graph' }),
  });
  const body = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(body));
  assert.equal(body.access_token.split('.').length, 3, 'the provider issues a JWT');
  return body.access_token;
}

function run(environment, ...commandLine) {
  const done = spawnSync(binary, commandLine, { cwd: directory, env: environment, encoding: 'utf8' });
  assert.equal(done.status, 0, `${commandLine.join(' ')}: ${done.stderr}`);
  return done.stdout;
}

async function ask(address, bearer) {
  const answer = await fetch(`${address}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      query: '{ viewer { userPrincipalName roles organization { __typename ... on Partner { mpnId } } } customers { totalCount } }',
    }),
  });
  const body = await answer.json();
  return body.errors ? body.errors[0].extensions.code : body.data;
}

async function main() {
  const keys = [await key('RS256', 'rsa'), await key('ES256', 'ec'), await key('EdDSA', 'ed')];
  let provider = await startIssuer(0, keys, 'RS256');
  const { issuer } = provider;
  const port = provider.server.address().port;
  const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`, { headers: { connection: 'close' } })).json();
  const environment = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    DATABASE_URL: process.env.AUDIT_DATABASE_URL ?? 'sqlite:audit.db',
    PARTNERGRAPH_LISTEN: '127.0.0.1:0',
    PARTNERGRAPH_LOG: 'info,partnergraph::auth=debug',
    PARTNERGRAPH_OIDC_ISSUER: metadata.issuer,
    PARTNERGRAPH_OIDC_AUDIENCE: AUDIENCE,
    PARTNERGRAPH_OIDC_JWKS: metadata.jwks_uri,
    PARTNERGRAPH_OIDC_OPERATOR_ROLE: 'Partnergraph.Operate',
    PARTNERGRAPH_OIDC_OPERATOR_TENANT: PLATFORM,
  };
  run(environment, 'partner', 'add', '--type', 'INDIRECT_PROVIDER', '--name', 'Northwind', '--country', 'PL', '--mpn-id', '4500001', '--tenant-id', PROVIDER);

  const server = spawn(binary, ['serve'], { cwd: directory, env: environment, stdio: ['ignore', 'inherit', 'pipe'] });
  let log = '';
  server.stderr.on('data', (chunk) => { log += chunk; });
  try {
    const address = await new Promise((found, failed) => {
      server.stderr.on('data', () => {
        const match = /listening on (http:\/\/[\d.:]+)/.exec(log.replace(/\u001b\[[\d;]*m/g, ''));
        if (match) found(match[1]);
      });
      server.on('exit', () => failed(new Error(`the server ended: ${log}`)));
    });
    const northwind = { __typename: 'Partner', mpnId: '4500001' };
    for (const algorithm of ['RS256', 'ES256', 'EdDSA']) {
      await provider.close();
      provider = await startIssuer(port, keys, algorithm);
      const anna = await ask(address, await token(issuer, 'anna'));
      assert.deepEqual(anna.viewer, { userPrincipalName: 'anna@northwind.example', roles: ['ADMIN_AGENT'], organization: northwind }, algorithm);
    }
    const olga = await ask(address, await token(issuer, 'olga'));
    assert.deepEqual(olga.viewer, { userPrincipalName: 'olga@platform.example', roles: ['OPERATOR'], organization: null });
    const eve = await ask(address, await token(issuer, 'eve'));
    assert.deepEqual(eve.viewer.roles, [], 'a user of another tenant is not an operator');
    assert.equal(eve.viewer.organization, null, 'a user without a role has no account');
    assert.equal(await ask(address, await token(issuer, 'nameless')), 'UNAUTHENTICATED');
    assert.equal(await ask(address, await token(issuer, 'anna', 'urn:somebody:else')), 'UNAUTHENTICATED');

    // New keys with new ids are found, and keys that the issuer withdrew are no longer accepted.
    const old = await token(issuer, 'anna');
    await provider.close();
    provider = await startIssuer(port, [await key('ES256', 'next')], 'ES256');
    const next = await token(issuer, 'anna');
    const deadline = Date.now() + 20_000;
    while (await ask(address, next) === 'UNAUTHENTICATED') {
      assert.ok(Date.now() < deadline, 'the new key was not found');
      await new Promise((later) => { setTimeout(later, 500); });
    }
    assert.equal(await ask(address, old), 'UNAUTHENTICATED', 'a withdrawn key');
    assert.deepEqual(heard(), []);
  } catch (error) {
    out.error(log);
    throw error;
  } finally {
    server.removeAllListeners('exit');
    server.kill('SIGTERM');
    await provider.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

await main();
