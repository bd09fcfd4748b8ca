// `node test/orchestrators/record.ts` plays representative jobs in the simulator and stores the
// histories of their orchestrations from its host. Run it again for a new scenario or after an
// intended change of an orchestrator. changedOrchestrators.test.ts shows the effect of such a
// change on running jobs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { SHARD_SIZE, type ShardInput } from '../../orchestrators/startWaves.ts';
import { buildApp } from '../../scripts/build-app.ts';
import { jobsRequest } from '../chaos/boundaries.ts';
import { answerUntilEnd, startPlanEnvironment, sendAccepted, SHOP_PLAN } from '../chaos/plan-environment.ts';
import { enableCommand, startManyVms } from '../support/many-vms.ts';
import type { Step } from '../support/lifeboat-client.ts';
import { startEventEnvironment, type EventEnvironment } from '../support/event-environment.ts';
import { planBody, putPlan, waitForQuestions } from '../support/plans.ts';
import { startTestEnvironment } from '../support/test-environment.ts';
import { FOLDER, type RecordedOrchestration } from './recorded-histories.ts';

interface Recording {
  readonly simulator: EventEnvironment['simulator'];
  readonly stop: () => Promise<void>;
  /** Returns the id of the recorded job. */
  readonly run: () => Promise<string>;
  /** Selects the orchestrations to record. The default is all. */
  readonly shouldKeep?: (orchestration: RecordedOrchestration) => boolean;
}

/** An answer that the SDK of the store does not retry by itself. */
const failedAnswer = {
  kind: 'status',
  status: 403,
  body: { code: 'Forbidden', message: 'The store is away.' },
} as const;

const RECORDINGS: Readonly<Record<string, () => Promise<Recording>>> = {
  /** One poll fails. */
  async failover() {
    const environment = await startTestEnvironment(3);
    const play = async (): Promise<string> => {
      await environment.simulator.faults.add({
        ...jobsRequest('c\\.phase = @phase'),
        id: 'away',
        point: 'received',
        skip: 5,
        times: 1,
        do: failedAnswer,
      });
      return (
        await environment.lifeboat.runToEnd({
          operation: 'failover',
          vms: environment.vms.map(({ id }) => id),
        })
      ).id;
    };
    return { simulator: environment.simulator, stop: () => environment.simulator.stop(), run: play };
  },
  async enabling() {
    // The budget is so small that the VMs start in waves.
    const environment = await startManyVms(4, { burst: 3, perSecond: 0.1 });
    const play = async (): Promise<string> => {
      const { status, body } = await environment.lifeboat.send(enableCommand(environment), undefined, {
        principal: 'owner',
      });
      if (status !== 202) throw new Error(JSON.stringify(body));
      return (await environment.lifeboat.waitForJobEnd(body.id)).id;
    };
    return { simulator: environment.simulator, stop: () => environment.simulator.stop(), run: play };
  },
  /** A person's answer wakes the orchestration. */
  async plan() {
    const environment = await startPlanEnvironment();
    const play = async (): Promise<string> => {
      const job = await sendAccepted(environment, { operation: 'failover', plan: SHOP_PLAN });
      await waitForQuestions(environment, job, 1, 'manual');
      return (await answerUntilEnd(environment, job.id)).id;
    };
    return { simulator: environment.simulator, stop: () => environment.stop(), run: play };
  },
  async drill() {
    const environment = await startPlanEnvironment();
    return {
      simulator: environment.simulator,
      stop: () => environment.stop(),
      run: async () =>
        (
          await answerUntilEnd(
            environment,
            (await sendAccepted(environment, { operation: 'testFailover', plan: SHOP_PLAN })).id,
          )
        ).id,
    };
  },
  /**
   * So many VMs that the orchestration starts them in shards. The recording stops after all have
   * started. It leaves out the full shard, which is too large.
   */
  async shards() {
    const environment = await startEventEnvironment(SHARD_SIZE + 1, {
      env: { LIFEBOAT_WRITES_BURST: String(2 * SHARD_SIZE) },
    });
    await putPlan(
      environment,
      SHOP_PLAN,
      planBody(environment, [{ name: 'all', vms: environment.vms.map(({ name }) => name) }]),
    );
    const play = async (): Promise<string> => {
      const { id } = await sendAccepted(environment, { operation: 'failover', plan: SHOP_PLAN });
      const steps = async (): Promise<readonly Step[]> =>
        (await environment.lifeboat.call<{ steps: readonly Step[] }>(`/api/v1/jobs/${id}/steps?limit=200`))
          .body.steps;
      await environment.lifeboat.waitFor(
        async () =>
          (await steps()).filter(({ attempts }) => attempts > 0).length > SHARD_SIZE ? true : undefined,
        'the first attempts',
        240,
      );
      await setTimeout(300);
      return id;
    };
    const keeps = ({ name, input }: RecordedOrchestration): boolean =>
      name !== 'startShard' || (JSON.parse(input) as ShardInput).starts.length < SHARD_SIZE;
    return { simulator: environment.simulator, stop: () => environment.stop(), run: play, shouldKeep: keeps };
  },
};

/** An orchestration that continued as new keeps only its newest execution. */
function readHistories(data: string, jobId: string): readonly RecordedOrchestration[] {
  const sqlite = new DatabaseSync(join(data, 'host.sqlite'), { readOnly: true });
  try {
    const recursiveQuery =
      'WITH RECURSIVE walk(id) AS (SELECT id FROM instances WHERE substr(id, 1, length(?)) = ? ' +
      'UNION SELECT child.id FROM instances child JOIN walk ON child.parent = walk.id)';
    const rows = sqlite
      .prepare(
        `${recursiveQuery} SELECT id, parent, name, input, output FROM instances WHERE id IN (SELECT id ` +
          'FROM walk) ORDER BY created, id',
      )
      .all(jobId, jobId) as unknown as Omit<RecordedOrchestration, 'episodes'>[];
    const episodes = sqlite.prepare(
      'SELECT events, actions FROM episodes WHERE instance = ? ORDER BY number',
    );
    return rows.map((row) => ({
      ...row,
      episodes: episodes.all(row.id) as unknown as RecordedOrchestration['episodes'],
    }));
  } finally {
    sqlite.close();
  }
}

async function record(scenario: string, start: () => Promise<Recording>): Promise<void> {
  const recording = await start();
  try {
    const jobId = await recording.run();
    await recording.simulator.host.kill();
    const orchestrations = readHistories(recording.simulator.data, jobId).filter(
      recording.shouldKeep ?? (() => true),
    );
    writeFileSync(join(FOLDER, `${scenario}.json`), `${JSON.stringify(orchestrations, null, 1)}\n`);
    process.stdout.write(
      `${scenario}: ${orchestrations.map((run) => `${run.name} of ${run.episodes.length} episodes`).join(', ')}\n`,
    );
  } finally {
    await recording.stop();
  }
}

await buildApp();
mkdirSync(FOLDER, { recursive: true });
const wanted = process.argv.slice(2);
for (const [scenario, begin] of Object.entries(RECORDINGS))
  if (wanted.length === 0 || wanted.includes(scenario)) await record(scenario, begin);
