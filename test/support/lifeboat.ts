// A caller of Lifeboat, as a ticketing system is one: bearer token, idempotency key, poll until the
// job has ended.
import { randomUUID } from 'node:crypto';
import type { Simulator } from '../../simulator/simulator.ts';
import { callLifeboat, type CallOptions, type Reply } from '../../local/caller.ts';
import { ContractBroken, mustKeepContract } from './contract.ts';
import { PATIENCE } from './play-settings.ts';
import type { jobView, logView, replicationView, stepView } from '../../shared/api/views.ts';

export type Replication = ReturnType<typeof replicationView>;
export type Step = ReturnType<typeof stepView>;
export type Job = ReturnType<typeof jobView> & {
  readonly steps: readonly Step[];
  readonly log: readonly ReturnType<typeof logView>[];
};
export type { Reply };
export interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly status: number;
}

const ENDED: ReadonlySet<string> = new Set(['completed', 'completedWithExceptions', 'failed', 'cancelled']);
/**
 * Between two questions of a caller who waits. Who waits for the end of a job has time: each answer
 * is the whole job, and the app reads all of it.
 */
const SOON = 50;
const RARELY = 250;
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class Lifeboat {
  readonly simulator: Simulator;
  constructor(simulator: Simulator) {
    this.simulator = simulator;
  }

  /** Whatever comes back is what the OpenAPI document says of it. */
  async call<T>(path: string, options: CallOptions = {}): Promise<Reply<T>> {
    const reply = await callLifeboat<T>(this.simulator, path, options);
    await mustKeepContract(options.method ?? 'GET', path, reply);
    return reply;
  }

  send<T = Job>(command: unknown, key: string = randomUUID(), options: CallOptions = {}): Promise<Reply<T>> {
    return this.call<T>('/api/v1/jobs', { method: 'POST', body: command, key, ...options });
  }

  async replications(): Promise<readonly Replication[]> {
    return (await this.call<{ replications: Replication[] }>('/api/v1/replications')).body.replications;
  }

  /** The registry fills within a minute of story time. */
  async knows(count: number): Promise<readonly Replication[]> {
    return this.until(async () => {
      const list = await this.replications();
      return list.length >= count ? list : undefined;
    }, `${count} replicated VMs in the registry`);
  }

  async knowsThese(names: readonly string[]): Promise<readonly Replication[]> {
    return this.until(
      async () => {
        const list = (await this.replications()).filter(({ name }) => names.includes(name));
        return list.length === names.length ? list : undefined;
      },
      `${names.join(', ')} in the registry`,
    );
  }

  async job(id: string): Promise<Job> {
    const { status, body } = await this.call<Job>(`/api/v1/jobs/${id}`);
    if (status !== 200) throw new Error(`GET job ${id}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  ended(id: string, seconds = 110): Promise<Job> {
    return this.until(
      async () => {
        const job = await this.job(id);
        return ENDED.has(job.state) ? job : undefined;
      },
      `the end of job ${id}`,
      seconds,
      () => this.job(id),
      RARELY,
    );
  }

  /** Accepted, walked and ended. */
  async done(command: unknown): Promise<Job> {
    const { status, body } = await this.send(command);
    if (status !== 202) throw new Error(`Not accepted: ${status} ${JSON.stringify(body)}`);
    return this.ended(body.id);
  }

  /** Asks until there is an answer; a host that is down meanwhile is only an answer that has not come yet. */
  async until<T>(
    ask: () => Promise<T | undefined>,
    what: string,
    seconds = 60,
    state?: () => Promise<unknown>,
    every = SOON,
  ): Promise<T> {
    const end = Date.now() + seconds * PATIENCE * 1000;
    for (;;) {
      const answer = await ask().catch((error: unknown) => {
        if (error instanceof ContractBroken) throw error;
        return undefined;
      });
      if (answer !== undefined) return answer;
      if (Date.now() > end)
        throw new Error(
          `${what} did not come within ${seconds * PATIENCE} s. ${state ? JSON.stringify(await state(), null, 1) : ''}`,
        );
      await pause(every);
    }
  }
}
