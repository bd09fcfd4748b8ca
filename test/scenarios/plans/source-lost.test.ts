// The source region fails in the middle of a run that must shut it down first.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readExchanges } from '../../support/arm-trace.ts';
import { planBody, putPlan, waitForQuestions } from '../../support/plans.ts';
import type { Problem } from '../../support/lifeboat-client.ts';
import { callAsPortalUser } from '../../support/portal.ts';
import { startTestEnvironment, type TestEnvironment } from '../../support/test-environment.ts';

let environment: TestEnvironment;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lifeboat-trace-'));
  environment = await startTestEnvironment(4, { trace: join(folder, 'trace.ndjson') });
});
afterAll(async () => {
  await environment.simulator.stop();
  rmSync(folder, { recursive: true });
});

interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly requestBody: { readonly properties?: { readonly sourceSiteOperations?: string } };
}
const shutDownsOf = (...vms: readonly string[]): readonly (string | undefined)[] =>
  readExchanges<Exchange>(join(folder, 'trace.ndjson'))
    .filter(
      ({ method, path }) => method === 'POST' && vms.some((vm) => path.includes(`/${vm}/unplannedFailover`)),
    )
    .map(({ requestBody }) => requestBody.properties?.sourceSiteOperations);

test('one answer that the source is lost counts for the rest of the run [OP-2]', async () => {
  const [text = '', two = '', three = ''] = environment.vms.map(({ name }) => name);
  const before = [{ kind: 'manual', name: 'Hold', instructions: 'Wait.' }];
  await putPlan(
    environment,
    'dying',
    planBody(environment, [
      { name: 'a', vms: [text] },
      { name: 'b', vms: [two], before },
    ]),
  );
  const { body: job } = await environment.lifeboat.send({
    operation: 'failover',
    plan: 'dying',
    shutDownSource: true,
  });
  const {
    questions: [need],
  } = await waitForQuestions(environment, job, 1, 'manual');
  const postToJob = (id: string, what: string, body: object) =>
    environment.lifeboat.call<Problem>(`/api/v1/jobs/${id}/${what}`, { method: 'POST', body });
  expect(await postToJob(job.id, 'source-lost', {})).toMatchObject({ status: 400 });
  for (let twice = 0; twice < 2; twice++)
    expect(await postToJob(job.id, 'source-lost', { reason: 'The region is gone.' })).toMatchObject({
      status: 200,
    });
  await postToJob(job.id, 'answers', { question: need?.id, answer: 'done' });
  const done = await environment.lifeboat.waitForJobEnd(job.id);
  expect(done).toMatchObject({ state: 'completed', exceptions: [] });
  expect(done.log.filter(({ message }) => message.startsWith('The source is lost'))).toHaveLength(1);
  expect(shutDownsOf(text, two)).toEqual(['Required', 'NotRequired']);
  expect(await postToJob(job.id, 'source-lost', { reason: 'Late.' })).toMatchObject({
    status: 409,
    body: { code: 'JobEnded' },
  });
  await putPlan(environment, 'calm', planBody(environment, [{ name: 'a', vms: [three], before }]));
  const { body: other } = await environment.lifeboat.send({ operation: 'failover', plan: 'calm' });
  const {
    questions: [asked],
  } = await waitForQuestions(environment, other, 1, 'manual');
  expect(await postToJob(other.id, 'source-lost', { reason: 'Gone too.' })).toMatchObject({
    status: 409,
    body: { code: 'SourceNotAwaited' },
  });
  await postToJob(other.id, 'answers', { question: asked?.id, answer: 'done' });
  expect(
    (await environment.lifeboat.waitForJobEnd(other.id)).log.filter(({ message }) =>
      message.startsWith('The source is lost'),
    ),
  ).toEqual([]);
});

test('the request of the printed page, sent by hand, fails the VM over [PLAN-1] [OP-11]', async () => {
  const vm = environment.vms[3];
  await putPlan(environment, 'paper', planBody(environment, [{ name: 'a', vms: [vm?.name ?? ''] }]));
  const answer = await fetch(new URL('/api/v1/plans/paper/runbook', environment.simulator.host.url), {
    headers: { authorization: `Bearer ${await environment.simulator.token('reader')}` },
  });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/markdown; charset=utf-8']);
  const [, path = '', body = ''] =
    /az rest --method post --url 'https:\/\/management\.azure\.com([^?']+)\?[^']*' --body '(.*)'/.exec(
      await answer.text(),
    ) ?? [];
  expect(await callAsPortalUser(environment.simulator, 'POST', path, JSON.parse(body))).toMatchObject({
    status: 202,
  });
  await environment.lifeboat.waitFor(
    async () =>
      (await environment.lifeboat.listReplications()).find(({ id }) => id === vm?.id)?.state === 'failedOver'
        ? true
        : undefined,
    'the failover by hand',
  );
});
