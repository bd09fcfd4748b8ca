// `npm run scenarios [-- --trace FILE]`: the whole life of Azure to Azure, with the real SDKs
// against Azure in the simulator, over TLS.
// Prints what it did; the exit code says whether anything surprised it.

import { parseArgs } from 'node:util';

import { AWAY, HOME, layGround, takeUpGround } from './ground.ts';
import { change, enableAll, failOverWithSecondThoughts, goHome, test } from './machines.ts';
import { runPlans } from './plans.ts';
import { all, Stage, VAULT, VAULT_GROUP } from './stage.ts';
import { badDays, darkRegion } from './trouble.ts';

async function lookBack(stage: Stage): Promise<void> {
  stage.tell('Looking back');
  const {
    replicationJobs: jobs,
    replicationEvents: events,
    replicationVaultHealth: health,
  } = stage.siteRecovery;
  await stage.done('health refreshed', health.beginRefresh(VAULT, VAULT_GROUP));
  await stage.wait(30);
  await stage.newestJob();
  await stage.done('jobs exported', jobs.beginExport(VAULT, VAULT_GROUP, {}));
  const failed = await all(jobs.list(VAULT, VAULT_GROUP, { filter: "JobStatus eq 'Failed'" }));
  stage.expect(
    'the filter finds what failed, and nothing else',
    failed.length > 0 && failed.every(({ properties }) => properties?.state === 'Failed'),
    failed.length,
  );
  for (const { name } of await all(jobs.list(VAULT, VAULT_GROUP)))
    await jobs.get(VAULT, VAULT_GROUP, name ?? '');
  const happened = await all(events.list(VAULT, VAULT_GROUP, { filter: "Severity eq 'Critical'" }));
  stage.expect('there were critical events', happened.length > 0);
  await events.get(VAULT, VAULT_GROUP, happened[0]?.name ?? '');
}

async function letGo(stage: Stage): Promise<void> {
  stage.tell('Machines let go');
  const { replicationProtectedItems: items } = stage.siteRecovery;
  const kept: unknown = await stage.vaults.vaults.delete(VAULT_GROUP, VAULT).then(
    () => undefined,
    (error: unknown) => error,
  );
  stage.expect(
    'a vault with machines in it stays',
    (kept as { code?: string } | undefined)?.code === 'ServiceResourceNotEmptyWithContainerDetails',
    kept,
  );
  for (const { fabric, container } of [HOME, AWAY]) {
    for (const { name = '' } of await all(
      items.listByReplicationProtectionContainers(VAULT, VAULT_GROUP, fabric, container),
    )) {
      await stage.done(
        `${name} let go`,
        items.beginDelete(VAULT, VAULT_GROUP, fabric, container, name, { properties: {} }),
      );
    }
  }
}

async function story(stage: Stage): Promise<void> {
  await layGround(stage);
  await enableAll(stage);
  await change(stage);
  await test(stage, 'app');
  await failOverWithSecondThoughts(stage);
  await goHome(stage, 'app');
  await runPlans(stage);
  await badDays(stage);
  await darkRegion(stage);
  await lookBack(stage);
  await letGo(stage);
  await takeUpGround(stage);
  await stage.made('vault deleted', stage.vaults.vaults.delete(VAULT_GROUP, VAULT));
  const gone: unknown = await stage.vaults.vaults.get(VAULT_GROUP, VAULT).then(
    () => undefined,
    (error: unknown) => error,
  );
  stage.expect('and is gone', (gone as { code?: string } | undefined)?.code === 'ResourceNotFound', gone);
  const unknown = await stage.simulator.siteRecovery.unknown();
  stage.expect('nothing was asked that the simulator does not know', unknown.length === 0, unknown);
}

const { values } = parseArgs({ options: { trace: { type: 'string' } } });
process.removeAllListeners('warning');
const stage = await Stage.set(values.trace);
try {
  await story(stage);
} finally {
  await stage.strike();
}
const { surprises } = stage;
stage.tell(
  surprises.length === 0
    ? 'No surprises.'
    : `${surprises.length} surprises:\n${surprises.map((one) => `- ${one}`).join('\n')}`,
);
process.exit(surprises.length === 0 ? 0 : 1);
