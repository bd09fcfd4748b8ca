// Measures the time that Site Recovery in the simulator needs for one list page and for one item.
// It does this with many items and as many jobs, and it measures the memory.

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalClock } from '../../simulator/clock/local-clock.ts';
import { createWorld } from '../../simulator/arm/world.ts';
import { generateEnvironment } from '../../simulator/environments/generate.ts';
import { createSiteRecovery } from '../../simulator/siterecovery/server.ts';
import { createFaults } from '../../simulator/wire/faults.ts';
import { startServer } from '../../simulator/wire/server.ts';

export const name = 'siterecovery';

const START = Date.UTC(2026, 0, 5, 8);
const ROUNDS = 25;

export async function bench({ quick }: { quick: boolean }): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for (const size of quick ? [1_000, 10_000] : [100, 1_000, 10_000]) rows.push(...(await measureAt(size)));
  for (const size of quick ? [1_000] : [1_000, 5_000]) rows.push(await measureEnabling(size));
  return rows;
}

/**
 * Measures the cost to enable replication for many machines and to bring them to Protected on a
 * jumping clock.
 */
async function measureEnabling(size: number): Promise<Record<string, unknown>> {
  const environment = generateEnvironment({ vms: size });
  const simulator = await startSimulatorWith(size, {
    ...environment,
    vaults: environment.vaults.map((vault) => ({ ...vault, protectedItems: [] })),
  });
  try {
    const before = process.cpuUsage();
    await simulator.enableAll();
    const { user, system } = process.cpuUsage(before);
    const items = await simulator.listAllItems();
    if (items.some(({ properties }) => properties.protectionState !== 'Protected') || items.length !== size)
      throw new Error('Not every machine became protected.');
    const list = await timeOf(() => simulator.listAllItems());
    return {
      itemsAndJobs: size,
      what: 'enabling one item (CPU)',
      milliseconds: Math.round((user + system) / size / 100) / 10,
      listOfAllMilliseconds: list,
    };
  } finally {
    await simulator.stop();
  }
}

async function measureAt(size: number): Promise<Record<string, unknown>[]> {
  const before = memory();
  const simulator = await startSimulatorWith(size);
  try {
    await simulator.failOverAll();
    const megabytesUsed = Math.round((memory() - before) * 10) / 10;
    const item = `${simulator.vault}/replicationFabrics/fabric-eastasia/replicationProtectionContainers/container-eastasia/replicationProtectedItems/vm-0001`;
    const job =
      ((await simulator.get(`${simulator.vault}/replicationJobs`)) as { value: { id: string }[] }).value[0]
        ?.id ?? '';
    const paths = {
      'page of items': `${simulator.vault}/replicationProtectedItems`,
      'one item': item,
      'page of jobs': `${simulator.vault}/replicationJobs`,
      'one job': job,
    };
    const rows: Record<string, unknown>[] = [];
    for (const [what, path] of Object.entries(paths))
      rows.push({
        itemsAndJobs: size,
        what,
        milliseconds: await timeOf(() => simulator.get(path)),
        megabytesHeld: megabytesUsed,
      });
    return rows;
  } finally {
    await simulator.stop();
  }
}

/** Megabytes in use after a full garbage collection. */
function memory(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

async function timeOf(ask: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    await ask();
    times.push(performance.now() - began);
  }
  return (
    Math.round((times.toSorted((time, other) => time - other)[Math.floor(ROUNDS / 2)] ?? Number.NaN) * 10) /
    10
  );
}

async function startSimulatorWith(size: number, environment = generateEnvironment({ vms: size })) {
  const folder = mkdtempSync(join(tmpdir(), 'site-recovery-bench-'));
  const clock = createLocalClock('jumping', { start: START });
  const release = clock.markBusy();
  const faults = createFaults();
  const azureWorld = createWorld({ dataFile: join(folder, 'world.sqlite'), environment });
  const holder = { url: '' };
  const siteRecovery = createSiteRecovery({
    dataFile: join(folder, 'site-recovery.sqlite'),
    clock,
    faults,
    environment,
    world: azureWorld,
    baseUrl: () => holder.url,
    authenticate: () => ({ principal: 'bench' }),
  });
  const server = await startServer({ service: 'arm', port: 0, faults, handler: siteRecovery.handle });
  holder.url = server.url;
  const vault = azureWorld.list({ type: 'Microsoft.RecoveryServices/vaults' })[0]?.id ?? '';
  const send = (method: string, path: string, body?: unknown): Promise<unknown> =>
    exchange(server.url, method, path, body);
  const itemsPath = `${vault}/replicationFabrics/fabric-eastasia/replicationProtectionContainers/container-eastasia/replicationProtectedItems`;
  return {
    vault,
    get: (path: string) => send('GET', path),
    /** Makes one job for every item and lets all jobs end. */
    async failOverAll(): Promise<void> {
      const input = {
        properties: { sourceSiteOperations: 'NotRequired', providerSpecificDetails: { instanceType: 'A2A' } },
      };
      for (let index = 1; index <= size; index += 1)
        await send('POST', `${itemsPath}/vm-${String(index).padStart(4, '0')}/unplannedFailover`, input);
      release();
      await clock.advance(600_000);
    },
    async enableAll(): Promise<void> {
      const group = (name: string): string =>
        `${vault.split('/resourceGroups/')[0] ?? ''}/resourceGroups/${name}`;
      const details = {
        instanceType: 'A2A',
        recoveryContainerId: `${vault}/replicationFabrics/fabric-southeastasia/replicationProtectionContainers/container-southeastasia`,
        recoveryResourceGroupId: group('contoso-shop-recovery'),
      };
      const policyId = `${vault}/replicationPolicies/day-of-points`;
      for (let index = 1; index <= size; index += 1) {
        const vm = `vm-${String(index).padStart(4, '0')}`;
        const fabricObjectId = `${group('contoso-shop')}/providers/Microsoft.Compute/virtualMachines/${vm}`;
        await send('PUT', `${itemsPath}/${vm}`, {
          properties: { policyId, providerSpecificDetails: { ...details, fabricObjectId } },
        });
      }
      release();
      await clock.advance(3_600_000);
    },
    async listAllItems(): Promise<{ properties: { protectionState: string } }[]> {
      const items: { properties: { protectionState: string } }[] = [];
      for (let next: string | null = `${vault}/replicationProtectedItems`; next !== null;) {
        const page = (await send('GET', next.replace(server.url, ''))) as {
          value: typeof items;
          nextLink: string | null;
        };
        items.push(...page.value);
        next = page.nextLink;
      }
      return items;
    },
    async stop(): Promise<void> {
      await server.close();
      siteRecovery.close();
      azureWorld.close();
      clock.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function exchange(url: string, method: string, path: string, body: unknown): Promise<unknown> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const sent = request(`${url}${path.includes('?') ? path : `${path}?api-version=2023-06-01`}`, {
    method,
    headers: { authorization: 'Bearer bench', 'content-length': Buffer.byteLength(text) },
  });
  sent.end(text);
  const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  if ((response.statusCode ?? 500) >= 300)
    throw new Error(
      `${method} ${path} was answered ${response.statusCode ?? 0}: ` +
        Buffer.concat(chunks).toString().slice(0, 300),
    );
  const answered = Buffer.concat(chunks).toString();
  return answered === '' ? undefined : JSON.parse(answered);
}
