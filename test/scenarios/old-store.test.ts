// A store that an earlier build has left, with a job under way, under the build of today.
import old from './data/store-of-schema-8.json' with { type: 'json' };
import { databaseOf } from '../support/news.ts';
import { untilNeeds } from '../support/plans.ts';
import { scene, writesThatTook, type Scene } from '../support/story.ts';
import { SCHEMA } from '../../shared/store/schema.ts';

interface Stored {
  readonly id: string;
  readonly [field: string]: unknown;
}
const containers = old.containers as Readonly<Record<string, readonly Stored[]>>;
const PARTITION: Readonly<Record<string, string>> = {
  jobs: 'jobId',
  jobIndex: 'month',
  registry: 'vaultId',
  plans: 'planId',
  settings: 'kind',
  alerts: 'subject',
};
const jobs = (containers['jobs'] ?? []).filter(({ type }) => type === 'job');
const underWay = jobs.find(({ state }) => state === 'running')?.['jobId'] as string;

let world: Scene;
beforeAll(async () => {
  world = await scene(2);
  await world.simulator.host.kill();
  await restore();
  const behind = Date.parse(old.now) - (await world.simulator.now()).getTime();
  if (behind > 0) await world.simulator.advance(behind / 1000 + 60);
  await world.simulator.host.start();
});
afterAll(() => world.simulator.stop());

/** Each container holds afterwards what the earlier build has left, and nothing else. */
async function restore(): Promise<void> {
  const database = databaseOf(world.simulator);
  for (const [name, documents] of Object.entries(containers)) {
    const container = database.container(name);
    const partition = (one: Stored) => one[PARTITION[name] ?? ''] as string;
    const { resources } = await container.items.readAll<Stored>().fetchAll();
    for (const one of resources) await container.item(one.id, partition(one)).delete();
    for (const one of documents) await container.items.create(one);
  }
}

test('a job that an earlier build has begun is taken over by the sweep, and done once [OP-8] [TRG-1]', async () => {
  const { lifeboat, simulator, vms } = world;
  expect(jobs.every(({ schema }) => Number(schema) <= SCHEMA)).toBe(true);
  const taken = await lifeboat.until(async () => {
    const job = await lifeboat.job(underWay);
    return job.epoch === 2 ? job : undefined;
  }, 'the sweep takes the job over');
  const { questions } = await untilNeeds(world, taken, 1);
  const body = { step: questions[0]?.stepId, tries: questions[0]?.tries, answer: 'done' };
  const answer = { method: 'POST', body };
  expect((await lifeboat.call(`/api/v1/jobs/${underWay}/answers`, answer)).status).toBe(200);
  expect(await lifeboat.ended(underWay)).toMatchObject({ state: 'completed', epoch: 2 });
  for (const { name } of vms) expect(await writesThatTook(simulator, name, 'unplannedFailover')).toBe(1);
});

test('what an earlier build has written can be read: jobs, steps, plans, replicated VMs [JOB-1]', async () => {
  const { lifeboat } = world;
  for (const { jobId, state } of jobs.filter((one) => one['jobId'] !== underWay)) {
    const job = await lifeboat.job(String(jobId));
    expect(job).toMatchObject({ state, warnings: [] });
    expect(job.steps.length).toBeGreaterThan(0);
    for (const part of ['steps', 'log', 'deliveries'])
      expect((await lifeboat.call(`/api/v1/jobs/${String(jobId)}/${part}`)).status).toBe(200);
  }
  const listed = await lifeboat.call<{ jobs: readonly { id: string }[] }>('/api/v1/jobs', { who: 'reader' });
  expect(listed.body.jobs.map(({ id }) => id).sort()).toEqual(jobs.map(({ jobId }) => jobId).sort());
  expect((await lifeboat.call('/api/v1/plans/shop', { who: 'reader' })).body).toMatchObject({ version: 1 });
  expect((await lifeboat.replications()).map(({ id }) => id).sort()).toEqual(
    world.vms.map(({ id }) => id).sort(),
  );
});
