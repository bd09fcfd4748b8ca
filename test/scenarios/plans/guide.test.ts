// The requests of docs/guides/plans.md, one after the other as a new user sends them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { httpBlocks, type DocumentedRequest } from '../../support/documented-requests.ts';
import type { Job, Problem } from '../../support/lifeboat-client.ts';
import { startTestEnvironment, type TestEnvironment } from '../../support/test-environment.ts';

const guide = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'guides', 'plans.md'), 'utf8');

let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(['web', 'sql', 'app']);
});
afterAll(() => environment.simulator.stop());

interface Saved {
  readonly version: number;
  readonly nextAt: string;
  readonly findings: readonly { readonly severity: string; readonly message: string }[];
}
type Answer = Job & Problem & Saved;

async function sendAsContributor({ method, url, headers, body }: DocumentedRequest) {
  const own = headers.split('\n').flatMap((line) => {
    const [, name, value] = /^([\w-]+): (.*)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  const answer = await fetch(new URL(`${url.pathname}${url.search}`, environment.simulator.host.url), {
    method,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await environment.simulator.token('contributor')}`,
      ...Object.fromEntries(own),
    },
    ...(body === '' ? {} : { body }),
  });
  return { status: answer.status, body: (await answer.json()) as Answer };
}

test('every request of the guide does as it says [PLAN-1] [TRG-3]', async () => {
  const requests = httpBlocks(guide);
  const versions: number[] = [];
  const jobs: Job[] = [];
  for (const request of requests) {
    const { status, body } = await sendAsContributor(request);
    expect({ line: request.line, isTaken: [200, 201, 202].includes(status), body }).toMatchObject({
      line: request.line,
      isTaken: true,
    });
    if (request.url.pathname === '/api/v1/plans/small-shop') {
      versions.push(body.version);
      expect(body.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    }
    if (status === 202)
      jobs.push(jobs.length === 0 ? await environment.lifeboat.waitForJobEnd(body.id) : body);
  }
  expect(versions).toEqual([1, 2, 3, 4, 5]);
  expect(jobs.map(({ operation }) => operation)).toEqual(['testFailover', 'failover']);
  expect(jobs[0]).toMatchObject({ state: 'completed', exceptions: [] });
});

test('a plan whose groups wait for each other is refused, and nothing is saved [PLAN-1]', async () => {
  const [, groupsInOrder] = httpBlocks(guide).filter(({ method }) => method === 'PUT');
  const { status, body } = await sendAsContributor({
    ...(groupsInOrder as DocumentedRequest),
    url: new URL('/api/v1/plans/circle', environment.simulator.host.url),
    headers: '',
    body: (groupsInOrder?.body ?? '').replace(
      '"name": "database",',
      '"name": "database", "waitsFor": ["front"],',
    ),
  });
  expect([status, body.code]).toEqual([422, 'PlanInvalid']);
  expect((await environment.lifeboat.call('/api/v1/plans/circle', { principal: 'reader' })).status).toBe(404);
});
