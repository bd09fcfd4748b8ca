// Steps of a plan as its orchestration would plan them, for tests of polling that play no whole
// run.
import * as z from 'zod';
import { pollActions, type PollActionsResult } from '../../shared/actions/pollActions.ts';
import { Action } from '../../shared/plans/rules/action.ts';
import type {
  Actor,
  JobDocument,
  LogDocument,
  PendingQuestion,
  StepDocument,
  StepWork,
} from '../../shared/journal/documents.ts';
import { createJob, readJob, saveJob } from '../../shared/journal/job.ts';
import { listLogLines } from '../../shared/journal/log.ts';
import { createSteps, readStep, stepIdOf } from '../../shared/journal/steps.ts';
import { saveControl, readControl } from '../../shared/journal/control.ts';
import { makeJobDocument, makeStepDocument } from './job-documents.ts';
import type { SimulatedStore } from './simulated-store.ts';

const ADA: Actor = { id: 'ada', name: 'ada', roles: ['Operator'], door: 'rest' };

export const actionWork = (
  input: z.input<typeof Action>,
  scope: { readonly group?: string; readonly vm?: string } = {},
): StepWork => ({
  kind: 'action',
  action: Action.parse(input),
  group: scope.group ?? 'web',
  vm: scope.vm ?? null,
});

export class ActionRun {
  readonly #simulator: Pick<SimulatedStore, 'now' | 'advance'>;
  readonly jobId: string;
  constructor(simulator: Pick<SimulatedStore, 'now' | 'advance'>, jobId: string) {
    this.#simulator = simulator;
    this.jobId = jobId;
  }

  /** Starts a running job of version 3 of a plan, with these steps due. */
  async begin(works: Readonly<Record<string, StepWork>>, job: Partial<JobDocument> = {}): Promise<this> {
    const at = (await this.#simulator.now()).toISOString();
    await createJob({
      ...makeJobDocument(this.jobId, at),
      state: 'running',
      run: 'r',
      fingerprint: 'f1',
      laidOut: true,
      plan: { id: 'shop', version: 3, name: 'Shop' },
      ...job,
    });
    await createSteps(
      this.jobId,
      Object.entries(works).map(([node, work]): StepDocument => ({
        ...makeStepDocument(this.jobId, node),
        id: stepIdOf('action', node),
        phase: 'action',
        node,
        targetName: work.kind === 'action' ? work.action.name : node,
        work,
      })),
    );
    return this;
  }

  poll(epoch = 1): Promise<PollActionsResult> {
    return pollActions({ jobId: this.jobId, epoch });
  }

  /** Polls as the orchestration would, each time at the moment that the last poll requested. */
  async pollUntil(
    node: string,
    done: (readStep: StepDocument) => boolean,
    maxPolls = 60,
  ): Promise<StepDocument> {
    for (let polls = 0; polls < maxPolls; polls++) {
      const { nextSeconds } = await this.poll();
      const step = await this.step(node);
      if (done(step)) return step;
      await this.#simulator.advance(nextSeconds);
    }
    throw new Error(
      `${node} of ${this.jobId}: ${JSON.stringify(await this.step(node), null, 1)} ` +
        JSON.stringify(await this.readLog(), null, 1),
    );
  }

  pollToEnd(node: string): Promise<StepDocument> {
    return this.pollUntil(node, ({ endedAt }) => endedAt !== null);
  }

  async step(node: string): Promise<StepDocument> {
    const step = await readStep(this.jobId, stepIdOf('action', node));
    if (!step) throw new Error(`No step ${node}.`);
    return step;
  }

  async readLog(): Promise<readonly string[]> {
    return (await listLogLines(this.jobId, 200)).reverse().map(({ message }: LogDocument) => message);
  }

  async saveQuestions(
    ...needs: readonly Pick<PendingQuestion, 'stepId' | 'kind' | 'answers'>[]
  ): Promise<void> {
    const job = await readJob(this.jobId);
    const since = (await this.#simulator.now()).toISOString();
    if (
      !job ||
      !(await saveJob(
        job,
        {
          needs: needs.map((need) => ({
            tries: 0,
            name: need.stepId,
            message: '',
            since,
            until: null,
            ...need,
          })),
        },
        [],
        new Date(since),
      ))
    )
      throw new Error('The job does not ask.');
  }

  async setControl(control: 'paused' | 'running' | 'cancelled'): Promise<void> {
    await saveControl(
      this.jobId,
      await readControl(this.jobId),
      { wish: control, by: ADA, reason: null },
      await this.#simulator.now(),
    );
  }
}
