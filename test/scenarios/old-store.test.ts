// Today's build works on the store of an earlier build with a running job.
import old from './data/store-of-schema-8.json' with { type: 'json' };
import { openDatabase } from '../support/event-environment.ts';
import { waitForQuestions } from '../support/plans.ts';
import {
  startTestEnvironment,
  countSuccessfulWrites,
  type TestEnvironment,
} from '../support/test-environment.ts';
import { SCHEMA_VERSION } from '../../shared/store/schema.ts';

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

let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(2);
  await environment.simulator.host.kill();
  await restore();
  const behind = Date.parse(old.now) - (await environment.simulator.now()).getTime();
  if (behind > 0) await environment.simulator.advance(behind / 1000 + 60);
  await environment.simulator.host.start();
});
afterAll(() => environment.simulator.stop());

/** Restores each container to the content of the earlier build, and to nothing else. */
async function restore(): Promise<void> {
  const database = openDatabase(environment.simulator);
  for (const [name, documents] of Object.entries(containers)) {
    const container = database.container(name);
    const partition = (stored: Stored) => stored[PARTITION[name] ?? ''] as string;
    const { resources } = await container.items.readAll<Stored>().fetchAll();
    for (const resource of resources) await container.item(resource.id, partition(resource)).delete();
    for (const document of documents) await container.items.create(document);
  }
}

test('the sweep takes over a job of an earlier build, and the job writes once [OP-8] [TRG-1]', async () => {
  const { lifeboat, simulator, vms } = environment;
  expect(jobs.every(({ schema }) => Number(schema) <= SCHEMA_VERSION)).toBe(true);
  const taken = await lifeboat.waitFor(async () => {
    const job = await lifeboat.readJob(underWay);
    return job.epoch === 2 ? job : undefined;
  }, 'the sweep takes the job over');
  const { questions } = await waitForQuestions(environment, taken, 1);
  expect((await lifeboat.answer(questions[0], 'done')).status).toBe(200);
  expect(await lifeboat.waitForJobEnd(underWay)).toMatchObject({ state: 'completed', epoch: 2 });
  for (const { name } of vms)
    expect(await countSuccessfulWrites(simulator, name, 'unplannedFailover')).toBe(1);
});

test("today's build reads jobs, steps, plans and replicated VMs of an earlier build [JOB-1]", async () => {
  const { lifeboat } = environment;
  for (const { jobId, state } of jobs.filter((stored) => stored['jobId'] !== underWay)) {
    const job = await lifeboat.readJob(String(jobId));
    expect(job).toMatchObject({ state, warnings: [] });
    expect(job.steps.length).toBeGreaterThan(0);
    for (const part of ['steps', 'log', 'deliveries'])
      expect((await lifeboat.call(`/api/v1/jobs/${String(jobId)}/${part}`)).status).toBe(200);
  }
  const listed = await lifeboat.call<{ jobs: readonly { id: string }[] }>('/api/v1/jobs', {
    principal: 'reader',
  });
  expect(listed.body.jobs.map(({ id }) => id).sort()).toEqual(jobs.map(({ jobId }) => jobId).sort());
  expect((await lifeboat.call('/api/v1/plans/shop', { principal: 'reader' })).body).toMatchObject({
    version: 1,
  });
  expect((await lifeboat.listReplications()).map(({ id }) => id).sort()).toEqual(
    environment.vms.map(({ id }) => id).sort(),
  );
});
