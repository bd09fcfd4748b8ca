// Measures the failover of one plan with VMs of three scenarios, each with a vault of its own. The
// columns are the columns of the benchmark `plan`.
import { measurePlanFailover } from '../support/plan-failover-measures.ts';
import { threeScenariosEnvironment } from '../support/three-scenarios-environment.ts';
import { BUDGET, rowOf } from './plan.ts';

export const name = 'three-scenarios';
export const keys = ['vms', 'groups'];

const SCENARIOS = 3;

export async function bench({ quick }: { quick: boolean }): Promise<Record<string, unknown>[]> {
  const vms = quick ? 30 : 300;
  const environment = threeScenariosEnvironment(vms / SCENARIOS);
  const rows: Record<string, unknown>[] = [];
  for (const groups of [1, 3])
    rows.push({ vms, groups, ...rowOf(vms, await measurePlanFailover(vms, groups, BUDGET, environment)) });
  return rows;
}
