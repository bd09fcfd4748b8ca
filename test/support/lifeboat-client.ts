// A caller of Lifeboat like a ticketing system: bearer token, idempotency key, and polls until the
// job has ended.
import { randomUUID } from 'node:crypto';
import type { Simulator } from '../../simulator/simulator.ts';
import { callLifeboat, type CallOptions, type ApiReply } from '../../local/api-client.ts';
import { ContractViolation, assertMatchesContract } from './openapi-contract.ts';
import { TIMEOUT_FACTOR } from './test-settings.ts';
import type { OpenQuestion } from '../../shared/delivery/answerRequest.ts';
import type { jobView, logView, replicationView, stepView } from '../../shared/api/views.ts';

export type Replication = ReturnType<typeof replicationView>;
export type Step = ReturnType<typeof stepView>;
export type Job = ReturnType<typeof jobView> & {
  readonly steps: readonly Step[];
  readonly log: readonly ReturnType<typeof logView>[];
};
export type { ApiReply as Reply };
export interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly status: number;
}

const FINAL_STATES: ReadonlySet<string> = new Set([
  'completed',
  'completedWithExceptions',
  'failed',
  'cancelled',
]);
/**
 * The pause between two polls of a waiting caller. Each answer contains the whole job, and the app
 * reads all of it, so the polls are not closer.
 */
const POLL_MILLISECONDS = 50;
const JOB_POLL_MILLISECONDS = 250;
const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class LifeboatClient {
  readonly simulator: Simulator;
  constructor(simulator: Simulator) {
    this.simulator = simulator;
  }

  /** Every answer must match the OpenAPI document. */
  async call<T>(path: string, options: CallOptions = {}): Promise<ApiReply<T>> {
    const reply = await callLifeboat<T>(this.simulator, path, options);
    await assertMatchesContract(options.method ?? 'GET', path, reply);
    return reply;
  }

  send<T = Job>(
    command: unknown,
    key: string = randomUUID(),
    options: CallOptions = {},
  ): Promise<ApiReply<T>> {
    return this.call<T>('/api/v1/jobs', { method: 'POST', body: command, idempotencyKey: key, ...options });
  }

  /** Sends the ready request of a question, unchanged unless there is a reason. */
  answer<T = Problem>(
    question: OpenQuestion | undefined,
    answer: string,
    { reason, ...options }: CallOptions & { readonly reason?: string } = {},
  ): Promise<ApiReply<T>> {
    const ready = question?.answers.find((request) => request.answer === answer);
    if (!ready) throw new Error(`${JSON.stringify(question)} has no request for ${answer}.`);
    const body = reason === undefined ? ready.body : { ...ready.body, reason };
    return this.call<T>(ready.path, { method: ready.method, body, ...options });
  }

  /** The VMs that were protected; `listAllReplications` also has the VMs on their way. */
  async listReplications(): Promise<readonly Replication[]> {
    return (await this.listAllReplications()).filter(({ enabling }) => enabling === null);
  }

  async listAllReplications(): Promise<readonly Replication[]> {
    const found: Replication[] = [];
    let next: string | null = '';
    while (next !== null) {
      const query: string = next === '' ? '' : `&continuation=${next}`;
      const { body }: ApiReply<{ replications: Replication[]; next: string | null }> = await this.call(
        `/api/v1/replications?limit=500${query}`,
      );
      found.push(...body.replications);
      next = body.next;
    }
    return found;
  }

  /** The registry fills within a minute of simulated time. */
  async waitForReplications(count: number): Promise<readonly Replication[]> {
    return this.waitFor(async () => {
      const list = await this.listReplications();
      return list.length >= count ? list : undefined;
    }, `${count} replicated VMs in the registry`);
  }

  async waitForReplicationsNamed(names: readonly string[]): Promise<readonly Replication[]> {
    return this.waitFor(
      async () => {
        const list = (await this.listReplications()).filter(({ name }) => names.includes(name));
        return list.length === names.length ? list : undefined;
      },
      `${names.join(', ')} in the registry`,
    );
  }

  async readJob(id: string): Promise<Job> {
    const { status, body } = await this.call<Job>(`/api/v1/jobs/${id}`);
    if (status !== 200) throw new Error(`GET job ${id}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  waitForJobEnd(id: string, seconds = 110): Promise<Job> {
    return this.waitFor(
      async () => {
        const job = await this.readJob(id);
        return FINAL_STATES.has(job.state) ? job : undefined;
      },
      `the end of job ${id}`,
      seconds,
      () => this.readJob(id),
      JOB_POLL_MILLISECONDS,
    );
  }

  /** Sends the command and waits until the job has ended. */
  async runToEnd(command: unknown): Promise<Job> {
    const { status, body } = await this.send(command);
    if (status !== 202) throw new Error(`Not accepted: ${status} ${JSON.stringify(body)}`);
    return this.waitForJobEnd(body.id);
  }

  /** Polls until an answer comes. A dead host counts as an answer that has not come yet. */
  async waitFor<T>(
    read: () => Promise<T | undefined>,
    description: string,
    seconds = 60,
    readState?: () => Promise<unknown>,
    intervalMilliseconds = POLL_MILLISECONDS,
  ): Promise<T> {
    const end = Date.now() + seconds * TIMEOUT_FACTOR * 1000;
    for (;;) {
      const answer = await read().catch((error: unknown) => {
        if (error instanceof ContractViolation) throw error;
        return undefined;
      });
      if (answer !== undefined) return answer;
      if (Date.now() > end)
        throw new Error(
          `${description} did not come within ${seconds * TIMEOUT_FACTOR} s. ` +
            (readState ? JSON.stringify(await readState(), null, 1) : ''),
        );
      await sleep(intervalMilliseconds);
    }
  }
}
