// The Azure servers as a process: their resources survive the death of the process, and faults come
// from a file.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createAdminClient } from '../../launch/admin-client.ts';
import { RestartableProcess } from '../../launch/restartable-process.ts';
import type { ServerAddresses } from '../../azure/server-addresses.ts';
import { sendRawRequest as askAt, newFolder, type RawAnswer } from '../raw-requests.ts';
import { groupPath, SHOP_GROUP } from './test-azure.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SCRIPT = join(ROOT, 'azure-servers.ts');
const AGREEMENT = join(ROOT, 'agreement.example.json');
const ACCOUNT = `${groupPath(SHOP_GROUP)}/providers/Microsoft.Storage/storageAccounts/shopcacheasr`;

const folder = mkdtempSync(join(tmpdir(), 'azure-servers-'));
const faults = join(folder, 'day.yaml');
writeFileSync(
  faults,
  "rules: [{ method: GET, path: '/locations\\?', times: 1, do: { kind: status, status: " +
    "429, headers: { Retry-After: '7' } } }]",
);
const azureServers = new RestartableProcess('Azure', () => ({
  script: SCRIPT,
  args: [
    '--data',
    folder,
    '--containers',
    AGREEMENT,
    '--clock',
    'jumping',
    '--participants',
    'nobody',
    '--faults',
    faults,
  ],
  env: process.env,
  cwd: ROOT,
  log: join(folder, 'log'),
}));
const addresses = (): ServerAddresses => azureServers.ready as ServerAddresses;
const simulator = createAdminClient(addresses);

beforeAll(() => azureServers.start());
afterAll(async () => {
  await azureServers.stop();
  rmSync(folder, { recursive: true, force: true });
});

const ask = async (method: string, path: string, body?: unknown): Promise<RawAnswer> =>
  askAt(addresses().arm, {
    method,
    path,
    body,
    headers: { authorization: `Bearer ${await simulator.token('lifeboat')}` },
    ca: readFileSync(addresses().caFile, 'utf8'),
  });

test('a running operation, created resources and unknown requests survive SIGKILL', async () => {
  const accepted = await ask('PUT', ACCOUNT, {
    location: 'eastasia',
    sku: { name: 'Standard_LRS' },
    kind: 'StorageV2',
  });
  expect(accepted).toMatchObject({ status: 202, body: undefined });
  const { pathname, search } = new URL(String(accepted.headers['location']));
  expect((await ask('GET', pathname + search)).status).toBe(202);
  expect((await ask('PUT', groupPath('contoso-shop-asr'), { location: 'southeastasia' })).status).toBe(201);
  await ask('GET', `${groupPath(SHOP_GROUP)}/providers/Microsoft.Web/sites`);

  await azureServers.kill();
  await azureServers.start();
  expect((await ask('GET', groupPath('contoso-shop-asr'))).status).toBe(200);
  expect((await ask('GET', ACCOUNT)).body).toMatchObject({ properties: { provisioningState: 'Creating' } });
  await simulator.advance(20);
  expect(await ask('GET', pathname + search)).toMatchObject({
    status: 200,
    body: { name: 'shopcacheasr', properties: { provisioningState: 'Succeeded' } },
  });
  expect((await simulator.siteRecovery.unknown()).map(({ path }) => path)).toEqual([
    `${groupPath(SHOP_GROUP)}/providers/Microsoft.Web/sites`,
  ]);
});

test('rules of the file apply from the start, and the admin route shows them', async () => {
  const path = `${groupPath(SHOP_GROUP).replace(/\/resourceGroups.*/, '')}/locations`;
  expect(await ask('GET', path)).toMatchObject({ status: 429, headers: { 'retry-after': '7' } });
  expect((await ask('GET', path)).status).toBe(200);
  expect(await simulator.faults.list()).toMatchObject([{ id: 'rule-1', point: 'received', acted: 1 }]);
});

test('the admin route reads and sets budgets', async () => {
  const usual = await simulator.arm.budgets();
  expect(usual.writes).toEqual({ burst: 200, perSecond: 10 });
  expect((await simulator.arm.budgets({ writes: { burst: 1, perSecond: 1 } })).writes).toEqual({
    burst: 1,
    perSecond: 1,
  });
  const statuses = [];
  for (const name of ['one', 'two'])
    statuses.push((await ask('PUT', groupPath(name), { location: 'eastasia' })).status);
  expect(statuses).toEqual([201, 429]);
  expect(await simulator.arm.budgets({ writes: usual.writes })).toEqual(usual);
  await simulator.advance(60);
});

test('an unusable file gives a short error', async () => {
  const bad = join(folder, 'bad.yaml');
  writeFileSync(bad, 'rules: [{ do: { kind: explode } }]');
  const child = spawn(
    process.execPath,
    [SCRIPT, '--data', newFolder('azure-servers'), '--containers', AGREEMENT, '--faults', bad],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said += text.toString();
  });
  const [code] = (await once(child, 'close')) as [number];
  expect([code, said]).toEqual([
    1,
    expect.stringContaining(`The faults of ${bad} cannot be used:\n  rules[0]`),
  ]);
  expect(said).not.toContain('    at ');
});
