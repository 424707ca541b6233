// A real OpenID provider for the test of the sign-in: node provider.mjs <modules> <port> <address of the pages> <file for its public keys>
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, port, pages, keys] = process.argv.slice(2);
const require = createRequire(join(modules, "x.js"));
const load = async (name) => import(pathToFileURL(require.resolve(name)));
const { default: Provider } = await load("oidc-provider");
const { exportJWK, generateKeyPair } = await load("jose");

const issuer = `http://127.0.0.1:${port}`;
const pair = await generateKeyPair("ES256", { extractable: true });
const key = { ...(await exportJWK(pair.privateKey)), alg: "ES256", use: "sig", kid: "test-provider" };
const { d, ...known } = key;
writeFileSync(keys, JSON.stringify({ ...known, iss: issuer }));

const resource = "urn:safeguarding-hub";
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "hub",
      client_secret: "a secret & more",
      redirect_uris: [`${pages}/sign-in/back`],
      grant_types: ["authorization_code"],
      response_types: ["code"],
      id_token_signed_response_alg: "ES256",
    },
  ],
  jwks: { keys: [key] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  extraTokenClaims: () => ({ name: "Duty worker from the provider", org: "E08000006", roles: ["duty_worker"] }),
  features: {
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({ scope: "", audience: "safeguarding-hub", accessTokenFormat: "jwt", accessTokenTTL: 3600, jwt: { sign: { alg: "ES256" } } }),
      useGrantedResource: () => true,
      defaultResource: () => resource,
    },
  },
  cookies: { keys: ["test"] },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
