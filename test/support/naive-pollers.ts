// The naive way to fail VMs over: the SDK's own poller for each VM, as often as the service says.
// The scenario moves the clock.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { SiteRecoveryManagementClient } from '@azure/arm-recoveryservices-siterecovery';
import { generateEnvironment } from '../../simulator/environments/generate.ts';
import { createAdminClient, type AdminClient } from '../../simulator/launch/admin-client.ts';
import { startAzureServers } from '../../simulator/azure/start-azure-servers.ts';
import { vmName } from './many-vms.ts';

/** The pause that the service requests in Retry-After. */
const POLL_SECONDS = 30;
const PARTICIPANT = 'the naive one';
const AGREEMENT = join(import.meta.dirname, '..', '..', 'infra', 'agreement.json');
/**
 * Each simulator has its own authority, and all have the same name. A process can know only one at
 * a time.
 */
const AUTHORITIES = getCACertificates('default');
const PRIMARY_SIDE = { fabric: 'fabric-eastasia', container: 'container-eastasia' };

export interface NaivePollerMeasures {
  readonly readsPerVm: number;
  /** The time from the end of each job to the moment when its poller sees it. */
  readonly lags: readonly number[];
  readonly seconds: number;
}

export async function measureNaivePollers(vms: number): Promise<NaivePollerMeasures> {
  const environment = generateEnvironment({ vms });
  const data = mkdtempSync(join(tmpdir(), 'naive-pollers-'));
  const file = join(data, 'environment.yaml');
  // JSON is YAML too.
  writeFileSync(file, JSON.stringify(environment));
  const azureServers = await startAzureServers({
    data,
    clock: 'jumping',
    participants: [PARTICIPANT],
    environment: file,
    cosmosRanges: 1,
    containers: AGREEMENT,
  });
  try {
    setDefaultCACertificates([...AUTHORITIES, readFileSync(azureServers.addresses.caFile, 'utf8')]);
    const simulator = createAdminClient(() => azureServers.addresses);
    const token = await simulator.token('lifeboat');
    const credential = {
      getToken: () => Promise.resolve({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
    };
    const client = new SiteRecoveryManagementClient(credential, environment.subscriptions[0]?.id ?? '', {
      endpoint: azureServers.addresses.arm,
    });
    await simulator.faults.add({
      id: 'reads',
      service: 'arm',
      method: 'GET',
      point: 'received',
      skip: Number.MAX_SAFE_INTEGER,
      do: { kind: 'delay', milliseconds: 0 },
    });
    const began = (await simulator.now()).getTime();
    const endTimes = await pollToEnd(
      Array.from({ length: vms }, (_, index) => vmName(index)),
      client,
      environment,
      simulator,
      (seconds) => waitOnClock(azureServers.addresses.clock, simulator, seconds),
    );
    const lags = (await simulator.siteRecovery.writes()).map(
      ({ itemName, endedAt }) => ((endTimes.get(itemName) ?? Number.NaN) - (endedAt ?? Number.NaN)) / 1000,
    );
    return {
      readsPerVm: ((await simulator.faults.list())[0]?.seen ?? Number.NaN) / vms,
      lags,
      seconds: (Math.max(...endTimes.values()) - began) / 1000,
    };
  } finally {
    await azureServers.close();
    rmSync(data, { recursive: true, force: true });
  }
}

/** The time when each poller saw its end. */
async function pollToEnd(
  vms: readonly string[],
  client: SiteRecoveryManagementClient,
  { vaults }: ReturnType<typeof generateEnvironment>,
  simulator: AdminClient,
  pause: (seconds: number) => Promise<void>,
): Promise<ReadonlyMap<string, number>> {
  const [vault] = vaults;
  if (!vault) throw new Error('The environment has no vault.');
  const endTimes = new Map<string, number>();
  const input = {
    properties: {
      failoverDirection: 'PrimaryToRecovery',
      sourceSiteOperations: 'NotRequired',
      providerSpecificDetails: { instanceType: 'A2A' as const },
    },
  };
  const pollers = new Map(
    await Promise.all(
      vms.map(
        async (vm) =>
          [
            vm,
            await client.replicationProtectedItems.beginUnplannedFailover(
              vault.name,
              vault.resourceGroup,
              PRIMARY_SIDE.fabric,
              PRIMARY_SIDE.container,
              vm,
              input,
            ),
          ] as const,
      ),
    ),
  );
  while (endTimes.size < vms.length) {
    await pause(POLL_SECONDS);
    await Promise.all(
      [...pollers].map(async ([vm, poller]) => {
        await poller.poll();
        if (!poller.isDone()) return;
        pollers.delete(vm);
        endTimes.set(vm, (await simulator.now()).getTime());
      }),
    );
  }
  return endTimes;
}

/** The clock jumps only while no poller here has work. */
async function waitOnClock(clock: string, simulator: AdminClient, seconds: number): Promise<void> {
  let now = (await simulator.now()).getTime();
  const nextDue = now + seconds * 1000;
  while (now < nextDue) {
    const answer = await fetch(new URL('/idle', clock), {
      method: 'POST',
      body: JSON.stringify({ participant: PARTICIPANT, nextDue, known: now }),
    });
    now = Date.parse(((await answer.json()) as { now: string }).now);
  }
}
