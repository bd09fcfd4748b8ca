// Measures the simulated time of a failover by a plan. Beside it stands the time that the write
// budget and Site Recovery need. It also shows the cost and its growth. The same run compares it
// with the naive way: one SDK poller for each VM.
//
// Floor: each write goes as soon as the budget has room and the group before has ended. Each job
// takes its true time (test/support/plan-floor.ts). Nothing could be quicker. `budgetSeconds` and
// `pathSeconds` are the two halves of the floor. Each half ignores the other.
//
// Lag: the time from the end of a Site Recovery job to the write of its step as ended. `lagToNext`:
// the time from the last end in a group to the first start in the next group.
//
// The bench measures the naive pollers with as many VMs as ARM's budgets let poll at once
// (`naiveVms`). The reads of one naive poller do not depend on the others.

import { buildApp } from '../../scripts/build-app.ts';
import agreement from '../../infra/agreement.json' with { type: 'json' };
import { measureNaivePollers, type NaivePollerMeasures } from '../support/naive-pollers.ts';
import { percentile } from '../support/plan-floor.ts';
import { measurePlanFailover, type PlanFailoverMeasures } from '../support/plan-failover-measures.ts';

export const name = 'plan';
export const keys = ['vms', 'groups'];

/** The default budget of the app. */
export const BUDGET = {
  burst: Number(agreement.settings.optional.LIFEBOAT_WRITES_BURST),
  perSecond: Number(agreement.settings.optional.LIFEBOAT_WRITES_PER_SECOND),
};
const MAX_NAIVE_VMS = 100;
const ALL_SIZES = [10, 100, 1_000, 5_000].flatMap((vms) => [
  [vms, 1],
  [vms, 10],
]);
const QUICK_SIZES = [
  [10, 1],
  [100, 1],
  [50, 10],
];
/** `PLAN_RUNS=1000x1,1000x10` selects these sizes only. */
const selectedSizes = (): number[][] | undefined =>
  process.env['PLAN_RUNS']?.split(',').map((run) => run.split('x').map(Number));

export async function bench({ quick }: { quick: boolean }): Promise<Record<string, unknown>[]> {
  await buildApp();
  const rows: Record<string, unknown>[] = [];
  const naive = new Map<number, NaivePollerMeasures>();
  for (const [vms = 0, groups = 1] of selectedSizes() ?? (quick ? QUICK_SIZES : ALL_SIZES)) {
    const naiveVms = Math.min(vms, MAX_NAIVE_VMS);
    const pollers = naive.get(naiveVms) ?? (await measureNaivePollers(naiveVms));
    naive.set(naiveVms, pollers);
    const row = {
      vms,
      groups,
      ...rowOf(vms, await measurePlanFailover(vms, groups, BUDGET)),
      ...naiveColumns(naiveVms, pollers),
    };
    rows.push(row);
    // The largest sizes take a long time.
    process.stderr.write(`${JSON.stringify(row)}\n`);
  }
  return rows;
}

const naiveColumns = (
  naiveVms: number,
  { readsPerVm, lags }: NaivePollerMeasures,
): Record<string, unknown> => ({
  naiveVms,
  naiveReadsPerVm: tenths(readsPerVm),
  naiveLagP50Seconds: tenths(percentile(lags, 50)),
  naiveLagP99Seconds: tenths(percentile(lags, 99)),
});

/** The measures of one run of a plan. */
export function rowOf(vms: number, run: PlanFailoverMeasures): Record<string, unknown> {
  const { floor, elapsedSeconds, lags, lagsToNext, largest } = run;
  return {
    overheadPercent: tenths((elapsedSeconds / floor.seconds - 1) * 100),
    elapsedSeconds: tenths(elapsedSeconds),
    floorSeconds: tenths(floor.seconds),
    budgetSeconds: tenths(floor.budgetSeconds),
    pathSeconds: tenths(floor.pathSeconds),
    lagP50Seconds: tenths(percentile(lags, 50)),
    lagP99Seconds: tenths(percentile(lags, 99)),
    lagToNextP50Seconds: tenths(percentile(lagsToNext, 50)),
    lagToNextP99Seconds: tenths(percentile(lagsToNext, 99)),
    writesPerTarget: run.writes.length / vms,
    readsPerVm: hundredths(run.reads / vms),
    readsBesidePerVm: hundredths(run.backgroundReads / vms),
    throttled: run.throttled,
    storeRequestsPerVm: tenths(run.storeRequests / vms),
    largestHistory: largest.history.events,
    largestHistoryKiB: tenths(largest.history.bytes / 1024),
    largestPayloadKiB: tenths(largest.payload.bytes / 1024),
    memoryMiB: Math.round(run.memoryMiB),
    wallSeconds: tenths(run.wallSeconds),
  };
}

const tenths = (value: number | null): number | null => (value === null ? null : Math.round(value * 10) / 10);
const hundredths = (value: number): number => Math.round(value * 100) / 100;
