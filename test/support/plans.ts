// Plans as people send them, and their runs.
import type { Problem } from './lifeboat-client.ts';
import type { TestEnvironment } from './test-environment.ts';
import type { Job } from './lifeboat-client.ts';

export interface GroupInput {
  readonly name: string;
  readonly vms?: readonly string[];
  readonly [more: string]: unknown;
}

/** VMs by their names, in groups that wait for the one before, unless a group names others. */
export function planBody(
  environment: TestEnvironment,
  groups: readonly GroupInput[],
  more: object = {},
): object {
  const idOf = (name: string): string => environment.vms.find((vm) => vm.name === name)?.id ?? name;
  const failover = groups.map(({ vms = [], ...group }, at) => ({
    ...(at > 0 ? { waitsFor: [groups[at - 1]?.name] } : {}),
    ...group,
    vms: vms.map(idOf),
  }));
  return { name: 'Shop', runs: { failover }, ...more };
}

export async function putPlan(environment: TestEnvironment, id: string, plan: object): Promise<void> {
  const read = await environment.lifeboat.call<{ version?: number }>(`/api/v1/plans/${id}`, {
    principal: 'reader',
  });
  const answer = await fetch(new URL(`/api/v1/plans/${id}`, environment.simulator.host.url), {
    method: 'PUT',
    body: JSON.stringify(plan),
    headers: {
      authorization: `Bearer ${await environment.simulator.token('contributor')}`,
      'content-type': 'application/json',
      ...(read.status === 200 ? { 'if-match': `"${String(read.body.version)}"` } : {}),
    },
  });
  if (!answer.ok) throw new Error(`Lifeboat did not save the plan ${id}: ${await answer.text()}`);
}

export const runPlanToEnd = (
  environment: TestEnvironment,
  plan: string,
  operation: string,
  more: object = {},
): Promise<Job> => environment.lifeboat.runToEnd({ operation, plan, ...more });

export const sendRefusedCommand = (environment: TestEnvironment, command: object) =>
  environment.lifeboat.send<Problem & { obstacles: readonly { code: string }[] }>(command);

/** The VMs in a phase of a job, in the order of the requests to Azure. */
export const startOrderOf = (job: Job, phase: string): readonly string[] =>
  job.steps
    .filter((step) => step.phase === phase && step.startedAt !== null)
    .sort((a, b) => ((a.startedAt ?? '') < (b.startedAt ?? '') ? -1 : 1))
    .map(({ name }) => name);

/** Waits until the job asks this number of questions. */
export const waitForQuestions = (
  environment: TestEnvironment,
  job: Job,
  count: number,
  kind?: string,
): Promise<Job> =>
  environment.lifeboat.waitFor(
    async () => {
      const now = await environment.lifeboat.readJob(job.id);
      return now.questions.length >= count &&
        (kind === undefined || now.questions.some((need) => need.kind === kind))
        ? now
        : undefined;
    },
    `${count} questions of job ${job.id}`,
    60,
    () => environment.lifeboat.readJob(job.id),
  );
