// `node test/orchestrators/record.ts`: plays representative jobs in the simulator and keeps the
// histories of their walks, as its host has kept them. Done again when a story is new or an
// orchestrator was changed on purpose; what such a change means for jobs that are under way is
// shown by new-code.test.ts.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { SHARD, type ShardInput } from '../../orchestrators/startWaves.ts';
import { buildApp } from '../../scripts/build-app.ts';
import { jobs } from '../chaos/boundaries.ts';
import { endedWithAnswers, planStage, send, SHOP } from '../chaos/plan-stage.ts';
import { commandToEnable, manyVms } from '../support/many-vms.ts';
import type { Step } from '../support/lifeboat.ts';
import { listening, type Listening } from '../support/news.ts';
import { planOf, savePlan, untilNeeds } from '../support/plans.ts';
import { scene } from '../support/story.ts';
import { FOLDER, type Recorded } from './recorded.ts';

interface Stage {
  readonly simulator: Listening['simulator'];
  readonly stop: () => Promise<void>;
  /** The id of the job whose walks are kept. */
  readonly play: () => Promise<string>;
  /** Of which walks the histories are kept; all of them where nothing is said. */
  readonly keeps?: (walk: Recorded) => boolean;
}

/** What the SDK of the store does not try again by itself. */
const broken = {
  kind: 'status',
  status: 403,
  body: { code: 'Forbidden', message: 'The store is away.' },
} as const;

const STORIES: Readonly<Record<string, () => Promise<Stage>>> = {
  /** With a look that fails. */
  async failover() {
    const world = await scene(3);
    const play = async (): Promise<string> => {
      await world.simulator.faults.add({
        ...jobs('c\\.phase = @phase'),
        id: 'away',
        point: 'received',
        skip: 5,
        times: 1,
        do: broken,
      });
      return (await world.lifeboat.done({ operation: 'failover', vms: world.vms.map(({ id }) => id) })).id;
    };
    return { simulator: world.simulator, stop: () => world.simulator.stop(), play };
  },
  async enabling() {
    // So small a budget that the VMs start in waves.
    const world = await manyVms(4, { burst: 3, perSecond: 0.1 });
    const play = async (): Promise<string> => {
      const { status, body } = await world.lifeboat.send(commandToEnable(world), undefined, { who: 'owner' });
      if (status !== 202) throw new Error(JSON.stringify(body));
      return (await world.lifeboat.ended(body.id)).id;
    };
    return { simulator: world.simulator, stop: () => world.simulator.stop(), play };
  },
  /** A person answers and so wakes the walk. */
  async plan() {
    const world = await planStage();
    const play = async (): Promise<string> => {
      const job = await send(world, { operation: 'failover', plan: SHOP });
      await untilNeeds(world, job, 1, 'manual');
      return (await endedWithAnswers(world, job.id)).id;
    };
    return { simulator: world.simulator, stop: () => world.stop(), play };
  },
  async drill() {
    const world = await planStage();
    return {
      simulator: world.simulator,
      stop: () => world.stop(),
      play: async () =>
        (await endedWithAnswers(world, (await send(world, { operation: 'testFailover', plan: SHOP })).id)).id,
    };
  },
  /**
   * So many at once that they are started in shards. Left once all were begun; of the shards the
   * one that is full is too large to be kept.
   */
  async shards() {
    const world = await listening(SHARD + 1, { env: { LIFEBOAT_WRITES_BURST: String(2 * SHARD) } });
    await savePlan(world, SHOP, planOf(world, [{ name: 'all', vms: world.vms.map(({ name }) => name) }]));
    const play = async (): Promise<string> => {
      const { id } = await send(world, { operation: 'failover', plan: SHOP });
      const steps = async (): Promise<readonly Step[]> =>
        (await world.lifeboat.call<{ steps: readonly Step[] }>(`/api/v1/jobs/${id}/steps?limit=200`)).body
          .steps;
      await world.lifeboat.until(
        async () =>
          (await steps()).filter(({ attempts }) => attempts > 0).length > SHARD ? true : undefined,
        'the first attempts',
        240,
      );
      await setTimeout(300);
      return id;
    };
    const keeps = ({ name, input }: Recorded): boolean =>
      name !== 'startShard' || (JSON.parse(input) as ShardInput).starts.length < SHARD;
    return { simulator: world.simulator, stop: () => world.stop(), play, keeps };
  },
};

/** Of a walk that went on as new what is left is its newest execution. */
function kept(data: string, jobId: string): readonly Recorded[] {
  const sqlite = new DatabaseSync(join(data, 'host.sqlite'), { readOnly: true });
  try {
    const walk =
      'WITH RECURSIVE walk(id) AS (SELECT id FROM instances WHERE substr(id, 1, length(?)) = ? ' +
      'UNION SELECT child.id FROM instances child JOIN walk ON child.parent = walk.id)';
    const rows = sqlite
      .prepare(
        `${walk} SELECT id, parent, name, input, output FROM instances WHERE id IN (SELECT id ` +
          'FROM walk) ORDER BY created, id',
      )
      .all(jobId, jobId) as unknown as Omit<Recorded, 'episodes'>[];
    const episodes = sqlite.prepare(
      'SELECT events, actions FROM episodes WHERE instance = ? ORDER BY number',
    );
    return rows.map((row) => ({ ...row, episodes: episodes.all(row.id) as unknown as Recorded['episodes'] }));
  } finally {
    sqlite.close();
  }
}

async function record(story: string, begin: () => Promise<Stage>): Promise<void> {
  const stage = await begin();
  try {
    const jobId = await stage.play();
    await stage.simulator.host.kill();
    const walks = kept(stage.simulator.data, jobId).filter(stage.keeps ?? (() => true));
    writeFileSync(join(FOLDER, `${story}.json`), `${JSON.stringify(walks, null, 1)}\n`);
    process.stdout.write(
      `${story}: ${walks.map(({ name, episodes }) => `${name} of ${episodes.length} episodes`).join(', ')}\n`,
    );
  } finally {
    await stage.stop();
  }
}

await buildApp();
mkdirSync(FOLDER, { recursive: true });
const wanted = process.argv.slice(2);
for (const [story, begin] of Object.entries(STORIES))
  if (wanted.length === 0 || wanted.includes(story)) await record(story, begin);
