// Measures how long one command takes to enable replication of many VMs. It compares this time with
// the time that the VMs need together. It then sends the same command again with another key.

import { buildApp } from '../../scripts/build-app.ts';
import { enableAndMeasure, startManyVms, type EnablingMeasures } from '../support/many-vms.ts';
import agreement from '../../infra/agreement.json' with { type: 'json' };

export const name = 'enable';

/** The default budget of the app. */
const BUDGET = {
  burst: Number(agreement.settings.optional.LIFEBOAT_WRITES_BURST),
  perSecond: Number(agreement.settings.optional.LIFEBOAT_WRITES_PER_SECOND),
};

export async function bench({ quick }: { quick: boolean }): Promise<Record<string, unknown>[]> {
  await buildApp();
  const rows: Record<string, unknown>[] = [];
  for (const vms of quick ? [1, 100] : [1, 100, 1_000]) rows.push(...(await measureSize(vms)));
  return rows;
}

async function measureSize(count: number): Promise<Record<string, unknown>[]> {
  const environment = await startManyVms(count, BUDGET);
  try {
    return [
      rowOf(count, 'nothing is there', await enableAndMeasure(environment)),
      rowOf(count, 'again, by another key', await enableAndMeasure(environment)),
    ];
  } finally {
    await environment.simulator.stop();
  }
}

function rowOf(vms: number, what: string, { job, ...measures }: EnablingMeasures): Record<string, unknown> {
  const each = (total: number): number => Math.round((total / vms) * 100) / 100;
  const failed = job.exceptionCount;
  if (failed > 0)
    throw new Error(`${failed} VMs were not enabled, the first because: ${job.exceptions[0]?.message ?? ''}`);
  return {
    vms,
    what,
    partWrites: measures.prerequisiteWrites,
    writesPerVm: each(measures.vmWrites),
    readsPerVm: each(measures.armReads),
    storeRequestsPerVm: each(measures.storeRequests),
    throttled: measures.throttled,
    // The last write waits until the budget has room for it.
    sendingSeconds: Math.round(measures.sendingSeconds),
    floorSeconds:
      measures.vmWrites === 0 ? 0 : Math.max(0, Math.ceil((vms - BUDGET.burst) / BUDGET.perSecond)),
    elapsedSeconds: Math.round(measures.elapsedSeconds),
    wallSeconds: Math.round(measures.wallSeconds * 10) / 10,
  };
}
