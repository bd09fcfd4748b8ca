// `npm run scenarios [-- --trace FILE]` plays the whole life of each scenario. The real SDKs call Azure
// in the simulator over TLS. It prints each step. The exit code tells whether an expectation broke.

import { parseArgs } from 'node:util';

import { RECOVERY_SIDE, PRIMARY_SIDE, createPrerequisites, removePrerequisites } from './prerequisites.ts';
import {
  changeReplication,
  enableAll,
  failOverCancelAndRepeat,
  failBack,
  runTestFailover,
} from './machines.ts';
import { runRecoveryPlans } from './plans.ts';
import { collect, SdkEnvironment, VAULT, VAULT_GROUP } from './sdk-environment.ts';
import { runFailures, runRegionOutage } from './failures.ts';
import { runHyperV } from './hyper-v.ts';
import { runVmm } from './vmm.ts';
import { runVmware } from './vmware.ts';

async function checkHistory(environment: SdkEnvironment): Promise<void> {
  environment.printTitle('Looking back');
  const {
    replicationJobs: jobs,
    replicationEvents: events,
    replicationVaultHealth: health,
  } = environment.siteRecovery;
  await environment.pollToEnd('health refreshed', health.beginRefresh(VAULT, VAULT_GROUP));
  await environment.advance(30);
  await environment.readNewestJob();
  await environment.pollToEnd('jobs exported', jobs.beginExport(VAULT, VAULT_GROUP, {}));
  const failed = await collect(jobs.list(VAULT, VAULT_GROUP, { filter: "JobStatus eq 'Failed'" }));
  environment.expect(
    'the filter finds the failed jobs only',
    failed.length > 0 && failed.every(({ properties }) => properties?.state === 'Failed'),
    failed.length,
  );
  for (const { name } of await collect(jobs.list(VAULT, VAULT_GROUP)))
    await jobs.get(VAULT, VAULT_GROUP, name ?? '');
  const happened = await collect(events.list(VAULT, VAULT_GROUP, { filter: "Severity eq 'Critical'" }));
  environment.expect('there were critical events', happened.length > 0);
  await events.get(VAULT, VAULT_GROUP, happened[0]?.name ?? '');
}

async function disableAll(environment: SdkEnvironment): Promise<void> {
  environment.printTitle('Machines let go');
  const { replicationProtectedItems: items } = environment.siteRecovery;
  const deletionError: unknown = await environment.vaults.vaults.delete(VAULT_GROUP, VAULT).then(
    () => undefined,
    (error: unknown) => error,
  );
  environment.expect(
    'a vault with machines in it stays',
    (deletionError as { code?: string } | undefined)?.code === 'ServiceResourceNotEmptyWithContainerDetails',
    deletionError,
  );
  for (const { fabric, container } of [PRIMARY_SIDE, RECOVERY_SIDE]) {
    for (const { name = '' } of await collect(
      items.listByReplicationProtectionContainers(VAULT, VAULT_GROUP, fabric, container),
    )) {
      await environment.pollToEnd(
        `${name} let go`,
        items.beginDelete(VAULT, VAULT_GROUP, fabric, container, name, { properties: {} }),
      );
    }
  }
}

async function runScenarios(environment: SdkEnvironment): Promise<void> {
  await createPrerequisites(environment);
  await enableAll(environment);
  await changeReplication(environment);
  await runTestFailover(environment, 'app');
  await failOverCancelAndRepeat(environment);
  await failBack(environment, 'app');
  await runRecoveryPlans(environment);
  await runFailures(environment);
  await runRegionOutage(environment);
  await checkHistory(environment);
  await disableAll(environment);
  await removePrerequisites(environment);
  await runVmware(environment);
  await runHyperV(environment);
  await runVmm(environment);
  await environment.waitForResult('vault deleted', environment.vaults.vaults.delete(VAULT_GROUP, VAULT));
  const readError: unknown = await environment.vaults.vaults.get(VAULT_GROUP, VAULT).then(
    () => undefined,
    (error: unknown) => error,
  );
  environment.expect(
    'and is gone',
    (readError as { code?: string } | undefined)?.code === 'ResourceNotFound',
    readError,
  );
  const unknown = await environment.simulator.siteRecovery.unknown();
  environment.expect('nothing was asked that the simulator does not know', unknown.length === 0, unknown);
}

const { values } = parseArgs({ options: { trace: { type: 'string' } } });
process.removeAllListeners('warning');
const environment = await SdkEnvironment.start(values.trace);
try {
  await runScenarios(environment);
} finally {
  await environment.stop();
}
const { unexpected } = environment;
environment.printTitle(
  unexpected.length === 0
    ? 'No surprises.'
    : `${unexpected.length} surprises:\n${unexpected.map((text) => `- ${text}`).join('\n')}`,
);
process.exit(unexpected.length === 0 ? 0 : 1);
