// Node's http module with nothing on top of it. An argument is how long each answer is held back, in milliseconds.
import http from 'node:http';

const tenants = new Map([
  ['gAAAAABk-first-9fQ', 'e58c78fe826f4f0b890767a3e0781019'],
  ['gAAAAABk-second-7hZ', 'b1946ac92492d2347c6235b4d2611184'],
]);

const pad = (n) => String(n).padStart(2, '0');

const makeMachine = (tenant, region, n) => ({
  instance_name: n % 7 === 3 ? `"quoted" <b>${n}</b> & co` : `web-${n} 🚀`,
  instance_id: `${tenant.slice(0, 8)}-${region}-${n}`,
  cpu_num: 2 ** (n % 4),
  mem_size: 512 * (n + 1),
  disk_size: 10 * n,
  lan_ip: n % 5 === 4 ? '' : `172.16.${region.length}.${n + 1}`,
  wan_ip_set: n % 4 === 0 ? [] : [`198.51.100.${n + 1}`],
  status: n % 2 ? 'running' : 'stopped',
  create_at: '2020-01-01 00:00:00',
  update_at: `2021-12-31 23:59:${pad(n % 60)}`,
  tags: { owner: null, hot: n % 2 === 0 },
});

const fleets = new Map();
for (const tenant of tenants.values()) {
  for (const [region, size] of [['RegionOne', 37], ['RegionTwo', 5]]) {
    fleets.set(`${tenant}/${region}`, Array.from({ length: size }, (_, n) => makeMachine(tenant, region, n)));
  }
}

class HttpError extends Error {
  constructor(status, message, headers = {}) {
    super(message);
    Object.assign(this, { status, headers });
  }
}

const required = (params, name) => {
  const value = params.get(name)?.trim();
  if (!value) throw new HttpError(400, `missing parameter: ${name}`);
  return params.get(name);
};

const integer = (params, name, fallback) => {
  const text = params.get(name);
  if (text === null) return fallback;
  if (!/^(0|[1-9][0-9]*)$/.test(text)) throw new HttpError(400, `${name} must be an integer`);
  return Number(text);
};

const list = (req) => {
  let url;
  try {
    url = new URL(req.url, 'http://localhost');
  } catch {
    throw new HttpError(400, 'bad request target');
  }
  if (url.pathname !== '/mana_api/vm') throw new HttpError(404, 'not found');
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    throw new HttpError(405, `${req.method} is not allowed`, { Allow: 'GET, HEAD, OPTIONS' });
  }
  const params = url.searchParams;
  const [party, tenant, region] = ['party', 'tenant_id', 'region'].map((name) => required(params, name));
  const from = integer(params, 'f', 1);
  const to = integer(params, 't', Infinity);
  if (from < 1) throw new HttpError(400, 'f counts from 1');
  const owner = tenants.get(req.headers['x-auth-token']);
  if (!owner) throw new HttpError(401, 'unauthorized', { 'WWW-Authenticate': 'Keystone uri="http://127.0.0.1"' });
  const fleet = fleets.get(`${tenant}/${region}`);
  if (party !== 'scloudm' || owner !== tenant || !fleet) throw new HttpError(404, 'no such list');
  return fleet.slice(from - 1, Math.max(to - 1, 0));
};

const latency = Number(process.argv[2] ?? 0);

const answer = (req, res) => {
  const send = (status, body, headers = {}) => {
    res.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store', ...headers });
    res.end(JSON.stringify(body));
  };
  if (req.method === 'OPTIONS') {
    res.writeHead(204, { Allow: 'GET, HEAD, OPTIONS' }).end();
    return;
  }
  try {
    send(200, { code: 200, vm_servers: list(req) });
  } catch (error) {
    const known = error instanceof HttpError ? error : new HttpError(500, 'internal error');
    send(known.status, { code: known.status, msg: known.message }, known.headers);
  }
};

const server = http.createServer(latency ? (req, res) => setTimeout(answer, latency, req, res) : answer);

server.listen(0, '127.0.0.1', () => {
  const [[token, tenant_id], [other_token, other_tenant_id]] = tenants;
  console.log(JSON.stringify({
    base_url: `http://127.0.0.1:${server.address().port}`,
    party: 'scloudm',
    region: 'RegionOne',
    other_region: 'RegionTwo',
    token,
    tenant_id,
    other_token,
    other_tenant_id,
  }));
});
process.stdin.on('end', () => process.exit(0)).resume();
