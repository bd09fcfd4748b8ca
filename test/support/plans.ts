// Plans as people send them, and their runs.
import type { Problem } from './lifeboat.ts';
import type { Scene } from './story.ts';
import type { Job } from './lifeboat.ts';

export interface Group {
  readonly name: string;
  readonly vms?: readonly string[];
  readonly [more: string]: unknown;
}

/** VMs by their names, in groups that wait for the one before, unless they say for whom. */
export function planOf(world: Scene, groups: readonly Group[], more: object = {}): object {
  const idOf = (name: string): string => world.vms.find((vm) => vm.name === name)?.id ?? name;
  const failover = groups.map(({ vms = [], ...group }, at) => ({
    ...(at > 0 ? { waitsFor: [groups[at - 1]?.name] } : {}),
    ...group,
    vms: vms.map(idOf),
  }));
  return { name: 'Shop', runs: { failover }, ...more };
}

export async function savePlan(world: Scene, id: string, plan: object): Promise<void> {
  const read = await world.lifeboat.call<{ version?: number }>(`/api/v1/plans/${id}`, { who: 'reader' });
  const answer = await fetch(new URL(`/api/v1/plans/${id}`, world.simulator.host.url), {
    method: 'PUT',
    body: JSON.stringify(plan),
    headers: {
      authorization: `Bearer ${await world.simulator.token('contributor')}`,
      'content-type': 'application/json',
      ...(read.status === 200 ? { 'if-match': `"${String(read.body.version)}"` } : {}),
    },
  });
  if (!answer.ok) throw new Error(`The plan ${id} was not saved: ${await answer.text()}`);
}

export const runPlan = (world: Scene, plan: string, operation: string, more: object = {}): Promise<Job> =>
  world.lifeboat.done({ operation, plan, ...more });

export const refused = (world: Scene, command: object) =>
  world.lifeboat.send<Problem & { obstacles: readonly { code: string }[] }>(command);

/** Which VMs a job has brought through a phase, in the order in which Azure was asked. */
export const orderOf = (job: Job, phase: string): readonly string[] =>
  job.steps
    .filter((step) => step.phase === phase && step.startedAt !== null)
    .sort((a, b) => ((a.startedAt ?? '') < (b.startedAt ?? '') ? -1 : 1))
    .map(({ name }) => name);

/** The job once it asks so many things. */
export const untilNeeds = (world: Scene, job: Job, count: number, kind?: string): Promise<Job> =>
  world.lifeboat.until(
    async () => {
      const now = await world.lifeboat.job(job.id);
      return now.questions.length >= count &&
        (kind === undefined || now.questions.some((need) => need.kind === kind))
        ? now
        : undefined;
    },
    `${count} questions of job ${job.id}`,
    60,
    () => world.lifeboat.job(job.id),
  );
