// What enabling replication of many VMs by one command takes, beside what they need together; and
// the same command again, by another key.

import { buildApp } from '../../scripts/build-app.ts';
import { enable, manyVms, type Enabling } from '../support/many-vms.ts';
import agreement from '../../infra/agreement.json' with { type: 'json' };

export const name = 'enable';

/** As it is set where nothing is said. */
const BUDGET = {
  burst: Number(agreement.settings.optional.LIFEBOAT_WRITES_BURST),
  perSecond: Number(agreement.settings.optional.LIFEBOAT_WRITES_PER_SECOND),
};

export async function bench({ quick }: { quick: boolean }): Promise<Record<string, unknown>[]> {
  await buildApp();
  const rows: Record<string, unknown>[] = [];
  for (const vms of quick ? [1, 100] : [1, 100, 1_000]) rows.push(...(await measured(vms)));
  return rows;
}

async function measured(count: number): Promise<Record<string, unknown>[]> {
  const world = await manyVms(count, BUDGET);
  try {
    return [
      row(count, 'nothing is there', await enable(world)),
      row(count, 'again, by another key', await enable(world)),
    ];
  } finally {
    await world.simulator.stop();
  }
}

function row(vms: number, what: string, { job, ...taken }: Enabling): Record<string, unknown> {
  const each = (total: number): number => Math.round((total / vms) * 100) / 100;
  const failed = job.exceptionCount;
  if (failed > 0)
    throw new Error(`${failed} VMs were not enabled, the first because: ${job.exceptions[0]?.message ?? ''}`);
  return {
    vms,
    what,
    partWrites: taken.partWrites,
    writesPerVm: each(taken.vmWrites),
    readsPerVm: each(taken.armReads),
    storeRequestsPerVm: each(taken.storeRequests),
    throttled: taken.throttled,
    // The last write cannot go before the budget has room for it.
    sendingSeconds: Math.round(taken.sendingSeconds),
    floorSeconds: taken.vmWrites === 0 ? 0 : Math.max(0, Math.ceil((vms - BUDGET.burst) / BUDGET.perSecond)),
    elapsedSeconds: Math.round(taken.elapsedSeconds),
    wallSeconds: Math.round(taken.wallSeconds * 10) / 10,
  };
}
