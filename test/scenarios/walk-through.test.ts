// The lines of docs/walk-through.md, one after the other as a new user pastes them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../support/lifeboat-client.ts';
import { startTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(['web']);
});
afterAll(() => environment.simulator.stop());

const document = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'walk-through.md'), 'utf8');
const [, lines = ''] = /```sh\n(.*?)```/s.exec(document) ?? [];

interface Line {
  readonly method: string;
  readonly path: string;
  readonly who: string;
  readonly key: string | undefined;
  readonly body: string | undefined;
}

const expectedOutput: readonly Line[] = [
  ...lines
    .replaceAll('\\\n', '')
    .matchAll(
      /^curl -s (?:-X (\w+) )?\$LIFEBOAT(\S+) -H "Authorization: Bearer \$(\w+)"(?: -H "Idempotency-Key: (\S+)")?(?:\s+--json '(.*)')?$/gm,
    ),
].map(([, method, path = '', who = '', key, body]) => ({
  method: method ?? (body === undefined ? 'GET' : 'POST'),
  path,
  who: who.toLowerCase(),
  key,
  body,
}));

async function paste(
  { method, path, who, key, body }: Line,
  vm: string,
): Promise<{ readonly status: number; readonly body: Job }> {
  const answer = await fetch(new URL(path, environment.simulator.host.url), {
    method,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await environment.simulator.token(who)}`,
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    ...(body === undefined ? {} : { body: body.replaceAll("'$VM'", vm) }),
  });
  return { status: answer.status, body: (await answer.json()) as Job };
}

// Also covers [OP-3] [OP-4] [OP-5].
test('every line does as it says [TRG-1] [OP-1] [OP-2]', async () => {
  expect(expectedOutput).toHaveLength([...lines.matchAll(/^curl/gm)].length);
  const ended: [string, string][] = [];
  let vm = '';
  for (const line of expectedOutput) {
    const { status, body } = await paste(line, vm);
    expect({ path: line.path, taken: [200, 201, 202].includes(status), body }).toMatchObject({
      path: line.path,
      taken: true,
    });
    if (status !== 202) continue;
    const job = await environment.lifeboat.waitForJobEnd(body.id);
    ended.push([job.operation, job.state]);
    vm = (await environment.lifeboat.listReplications()).find(({ name }) => name === 'web-zone-1')?.id ?? vm;
  }
  expect(ended).toEqual(
    ['enableReplication', 'testFailover', 'failover', 'commit', 'reprotect', 'failback'].map((operation) => [
      operation,
      'completed',
    ]),
  );
  expect((await environment.lifeboat.listReplications()).find(({ id }) => id === vm)).toMatchObject({
    state: 'protected',
    direction: 'original',
  });
});
