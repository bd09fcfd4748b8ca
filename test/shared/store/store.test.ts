// The store against Cosmos DB in the simulator: versions, pages, and writes to a busy or broken
// account.
import { randomUUID } from 'node:crypto';
import type { FaultAction, FaultPoint } from '../../../simulator/wire/fault.ts';
import type { VmPreview } from '../../../shared/scenarios/enabling/preview.ts';
import {
  writeBatch,
  splitIntoBatches,
  createDocument,
  queryPage,
  queryDocuments,
  readDocument,
  type DocumentQuery,
  type WithEtag,
  type BatchWrite,
} from '../../../shared/store/cosmos.ts';
import { readJob } from '../../../shared/journal/job.ts';
import { saveVmPreviews } from '../../../shared/journal/previews.ts';
import { raiseStepEpochs } from '../../../shared/journal/saveStep.ts';
import { createSteps, listSteps } from '../../../shared/journal/steps.ts';
import { makeStepDocument } from '../../support/job-documents.ts';
import { SCHEMA_VERSION } from '../../../shared/store/schema.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

interface Note {
  readonly id: string;
  readonly jobId: string;
  readonly type: 'note';
  readonly schema: number;
  readonly text: string;
  readonly order: number;
}

let store: SimulatedStore;
beforeAll(async () => {
  store = await startSimulatedStore(3);
});
afterAll(() => store.close());

const newJobId = (): string => `job-${randomUUID()}`;
const note = (jobId: string, id: string, text = id, order = 0): Note => ({
  id,
  jobId,
  type: 'note',
  schema: SCHEMA_VERSION,
  text,
  order,
});
const changed = (kept: WithEtag<Note>, text = 'changed'): Note => ({ ...kept, text });
const notesOf = (jobId: string) =>
  queryDocuments<Note>('jobs', { where: 'true', orderBy: 'c.id', partition: { key: 'jobId', value: jobId } });
const texts = async (jobId: string) => (await notesOf(jobId)).map(({ id, text }) => `${id}=${text}`);

async function stored(jobId: string, id: string): Promise<WithEtag<Note>> {
  const found = await readDocument<Note>('jobs', id, jobId);
  if (!found) throw new Error(`No ${id}.`);
  return found;
}

/** The result of a write during this fault, how often the fault acted, and how many writes came. */
async function withWriteFault<T>(
  point: FaultPoint,
  times: number,
  action: FaultAction,
  act: () => Promise<T>,
): Promise<{ result: T | Error; acted: number; asked: number }> {
  const id = randomUUID();
  const writes = {
    service: 'cosmos' as const,
    method: 'POST',
    path: '/colls/jobs/docs',
    body: '"operationType"|"id":"created"',
  };
  await store.faults.add({ id, ...writes, point, times, do: action });
  try {
    const result = await act().catch((error: unknown) => error as Error);
    const rule = (await store.faults.list()).find((fault) => fault.id === id);
    return { result, acted: rule?.acted ?? 0, asked: rule?.seen ?? 0 };
  } finally {
    await store.faults.remove(id);
  }
}

test('a read with an impossible name finds nothing [TRG-1]', async () => {
  for (const name of ['../..', 'a/b', 'a\\b', 'a#b', '', 'x\ud800', 'é'.repeat(512)])
    expect([name, await readDocument('jobs', name, 'job-x')]).toEqual([name, undefined]);
  expect(await readDocument('jobs', 'job', 'x'.repeat(2049))).toBeUndefined();
});

test('a query sends one request to each range, and requests a plan only if needed [JOB-1]', async () => {
  const jobIds = [newJobId(), newJobId(), newJobId()];
  for (const [place, jobId] of jobIds.entries())
    await createDocument('jobs', note(jobId, 'asked', 'plans', place));
  const filter = { where: 'ARRAY_CONTAINS(@jobIds, c.jobId)', parameters: { jobIds } };
  const answered = async (question: DocumentQuery, refusals = 0) => {
    const docs = {
      service: 'cosmos' as const,
      method: 'POST',
      path: '/colls/jobs/docs',
      point: 'received' as const,
    };
    const refusal = {
      code: 'BadRequest',
      message: 'The gateway cannot serve it.',
      additionalErrorInfo: '{}',
    };
    if (refusals > 0)
      await store.faults.add({
        id: 'refused',
        ...docs,
        times: refusals,
        do: { kind: 'status', status: 400, body: refusal },
      });
    await store.faults.add({ id: 'all', ...docs, do: { kind: 'delay', milliseconds: 0 } });
    const orders = (await queryDocuments<Note>('jobs', question)).map(({ order }) => order);
    const requests = (await store.faults.list()).reduce(
      (sum, { id, acted }) => sum + (id === 'all' || id === 'refused' ? acted : 0),
      0,
    );
    for (const id of ['all', 'refused']) await store.faults.remove(id);
    return { orders, requests };
  };
  expect(
    await answered({
      where: 'true',
      orderBy: 'c["order"]',
      partition: { key: 'jobId', value: jobIds[1] ?? '' },
    }),
  ).toEqual({ orders: [1], requests: 1 });
  const [unsorted, again] = [await answered(filter), await answered(filter, 1)];
  expect([unsorted.orders.toSorted(), unsorted.requests]).toEqual([[0, 1, 2], 3]);
  expect([again.orders.toSorted(), again.requests]).toEqual([[0, 1, 2], 5]);
  expect(await answered({ ...filter, orderBy: 'c["order"] DESC', limit: 2 })).toEqual({
    orders: [2, 1],
    requests: 4,
  });
});

test('a changed token is invalid or leads to another place in the list [TRG-1] [JOB-1]', async () => {
  const jobId = newJobId();
  for (const id of ['a', 'b', 'c']) await createDocument('jobs', note(jobId, id));
  const question = { where: 'true', orderBy: 'c.id', partition: { key: 'jobId', value: jobId } } as const;
  const { next } = await queryPage<Note>('jobs', question, 1);
  const reported = JSON.parse(Buffer.from(next ?? '', 'base64url').toString()) as {
    readonly continuation: string;
  };
  const others = [
    'x',
    '-1',
    '1e400',
    '99999999999',
    '[]',
    '{}',
    '{"token":"x","range":{"min":"","max":"FF"}}',
    '\u0000',
    'a\nb',
    'ä',
    '\ud800',
    '__proto__',
    'null',
    'x'.repeat(9000),
    reported.continuation.slice(1),
    `${reported.continuation}0`,
    reported.continuation.replace(/\w{2,}/, 'x'),
  ];
  const answers = await Promise.all(
    others.map(async (continuation) => {
      const token = Buffer.from(JSON.stringify({ ...reported, continuation })).toString('base64url');
      return [
        continuation.slice(0, 40),
        await queryPage<Note>('jobs', question, 1, token).then(
          () => 'another place',
          (error: unknown) => (error as { code?: unknown }).code,
        ),
      ];
    }),
  );
  expect(answers.filter(([, code]) => code !== 'another place' && code !== 'ContinuationInvalid')).toEqual(
    [],
  );
  expect(answers[0]).toEqual(['x', 'ContinuationInvalid']);
});

describe('versions', () => {
  test("the store reads a document of version 0 in today's form, alone and in a list", async () => {
    const jobId = newJobId();
    const { schema, ...old } = note(jobId, 'old');
    expect(schema).toBe(SCHEMA_VERSION);
    expect(await createDocument('jobs', old)).toBe(true);
    expect(await stored(jobId, 'old')).toMatchObject({ id: 'old', schema: SCHEMA_VERSION });
    expect((await notesOf(jobId)).map((entry) => entry.schema)).toEqual([SCHEMA_VERSION]);
  });

  test('a job of the first version counts its exceptions on reading', async () => {
    const jobId = newJobId();
    await createDocument('jobs', {
      id: 'job',
      type: 'job',
      jobId,
      schema: 1,
      command: { vms: [] },
      exceptions: [{ code: 'a' }, { code: 'b' }],
    });
    expect(await readJob(jobId)).toMatchObject({ schema: SCHEMA_VERSION, exceptionCount: 2 });
  });

  test('the store refuses a document of a newer version, alone and in a list, without changes', async () => {
    const jobId = newJobId();
    await createDocument('jobs', { ...note(jobId, 'new'), schema: 99 });
    await expect(stored(jobId, 'new')).rejects.toMatchObject({
      kind: 'Transient',
      code: 'DocumentTooNew',
      message: expect.stringContaining('version 99') as string,
    });
    await expect(notesOf(jobId)).rejects.toMatchObject({ code: 'DocumentTooNew' });
  });
});

describe('pages', () => {
  const jobId = newJobId();
  const question = {
    where: "c.type = 'note'",
    orderBy: 'c["order"] DESC',
    partition: { key: 'jobId', value: jobId },
  };
  beforeAll(async () => {
    await writeBatch(
      'jobs',
      jobId,
      Array.from({ length: 23 }, (_, i): BatchWrite => ({ create: note(jobId, `n${i}`, '', i) })),
    );
  });

  test('every document once, in order, over pages of any size', async () => {
    for (const size of [1, 5, 23, 50]) {
      const seen: number[] = [];
      let token: string | undefined;
      do {
        const { items, next } = await queryPage<Note>('jobs', question, size, token);
        expect(items.length).toBeLessThanOrEqual(size);
        seen.push(...items.map(({ order }) => order));
        token = next ?? undefined;
      } while (token !== undefined);
      expect(seen).toEqual(Array.from({ length: 23 }, (_, i) => 22 - i));
    }
  });

  test('the store refuses garbage, a token of another query, and a changed token', async () => {
    const { next } = await queryPage<Note>('jobs', question, 5);
    const token = next ?? '';
    const inside = JSON.parse(Buffer.from(token, 'base64url').toString()) as {
      question: string;
      continuation: string;
    };
    const changed = Buffer.from(JSON.stringify({ ...inside, continuation: 'garbage' })).toString('base64url');
    // A request header has no room for this token.
    const long = Buffer.from(JSON.stringify({ ...inside, continuation: 'x'.repeat(70_000) })).toString(
      'base64url',
    );
    for (const wrong of [
      long,
      '',
      'garbage',
      '{}',
      '%00',
      'a'.repeat(20_000),
      Buffer.from('[]').toString('base64url'),
      changed,
    ]) {
      await expect(queryPage('jobs', question, 5, wrong)).rejects.toMatchObject({
        kind: 'Rejected',
        status: 400,
        code: 'ContinuationInvalid',
      });
    }
    await expect(
      queryPage('jobs', { ...question, where: "c.type = 'other'" }, 5, token),
    ).rejects.toMatchObject({
      code: 'ContinuationInvalid',
    });
    await expect(
      queryPage('jobs', { ...question, partition: { key: 'jobId', value: newJobId() } }, 5, token),
    ).rejects.toMatchObject({ code: 'ContinuationInvalid' });
    expect((await queryPage<Note>('jobs', question, 5, token)).items.map(({ order }) => order)).toEqual([
      17, 16, 15, 14, 13,
    ]);
  });
});

/** Every way in which the store writes, each on its own partition that holds `kept`. */
const WRITES: readonly [string, (jobId: string) => Promise<unknown>, readonly string[]][] = [
  ['create', (jobId) => createDocument('jobs', note(jobId, 'created')), ['created=created', 'kept=kept']],
  [
    'create in a batch',
    (jobId) => writeBatch('jobs', jobId, [{ create: note(jobId, 'a') }]),
    ['a=a', 'kept=kept'],
  ],
  ['put', (jobId) => writeBatch('jobs', jobId, [{ put: note(jobId, 'a') }]), ['a=a', 'kept=kept']],
  [
    'replace',
    async (jobId) => {
      const kept = await stored(jobId, 'kept');
      return writeBatch('jobs', jobId, [{ replace: changed(kept), etag: kept._etag }]);
    },
    ['kept=changed'],
  ],
  [
    'remove',
    async (jobId) =>
      writeBatch('jobs', jobId, [{ remove: 'kept', etag: (await stored(jobId, 'kept'))._etag }]),
    [],
  ],
  [
    'several at once',
    async (jobId) => {
      const kept = await stored(jobId, 'kept');
      return writeBatch('jobs', jobId, [
        { replace: changed(kept), etag: kept._etag },
        { create: note(jobId, 'a') },
        { put: note(jobId, 'b') },
      ]);
    },
    ['a=a', 'b=b', 'kept=changed'],
  ],
];

const busy: FaultAction = {
  kind: 'status',
  status: 429,
  headers: { 'x-ms-retry-after-ms': '5', 'x-ms-substatus': '3200' },
  body: { code: 'TooManyRequests', message: 'Request rate is large.' },
};

describe.each(WRITES)('%s', (_name, write, after) => {
  let jobId: string;
  beforeEach(async () => {
    jobId = newJobId();
    await createDocument('jobs', note(jobId, 'kept'));
  });

  test('the store waits after a 429, and writes once', async () => {
    const { result, acted, asked } = await withWriteFault('received', 3, busy, () => write(jobId));
    expect(result).toBeTruthy();
    expect(result).not.toBeInstanceOf(Error);
    expect({ acted, asked }).toEqual({ acted: 3, asked: 4 });
    expect(await texts(jobId)).toEqual(after);
  });

  test('a cut after the write: an error, and one request', async () => {
    const { result, acted, asked } = await withWriteFault('applied', 1, { kind: 'cut' }, () => write(jobId));
    expect(result).toBeInstanceOf(Error);
    expect({ acted, asked }).toEqual({ acted: 1, asked: 1 });
    expect(await texts(jobId)).toEqual(after);
  });

  test.each<[string, FaultAction]>([
    ['cut', { kind: 'cut' }],
    ['503', { kind: 'status', status: 503, body: { code: 'ServiceUnavailable', message: 'x' } }],
    ['500', { kind: 'status', status: 500, body: { code: 'InternalServerError', message: 'x' } }],
  ])('%s before the write: an error, and no change', async (_what, action) => {
    const { result, asked } = await withWriteFault('received', 1, action, () => write(jobId));
    expect(result).toBeInstanceOf(Error);
    expect(asked).toBe(1);
    expect(await texts(jobId)).toEqual(['kept=kept']);
  });
});

test('a batch with one throttled operation changes nothing and may run again', async () => {
  const jobId = newJobId();
  const partly: FaultAction = {
    kind: 'status',
    status: 207,
    body: [
      { statusCode: 424, requestCharge: 0 },
      { statusCode: 429, requestCharge: 0 },
    ],
  };
  const { result } = await withWriteFault('received', 1, partly, () =>
    writeBatch('jobs', jobId, [{ create: note(jobId, 'a') }, { create: note(jobId, 'b') }]),
  );
  expect(result).toMatchObject({ kind: 'Transient', code: 'StoreUnavailable' });
  expect(await texts(jobId)).toEqual([]);
});

test('a batch with one failed condition changes nothing, and differs from a failure', async () => {
  const jobId = newJobId();
  await createDocument('jobs', note(jobId, 'kept'));
  const kept = await stored(jobId, 'kept');
  expect(
    await writeBatch('jobs', jobId, [
      { create: note(jobId, 'a') },
      { replace: changed(kept, 'x'), etag: '"older"' },
    ]),
  ).toBeUndefined();
  expect(await texts(jobId)).toEqual(['kept=kept']);
});

test('the store refuses a write over the size limit and stores nothing [JOB-1]', async () => {
  const jobId = newJobId();
  const large = note(jobId, 'large', '€'.repeat(700_000));
  const refused = {
    status: 422,
    code: 'TooLargeToStore',
    message: expect.stringMatching(/2100\d{3} bytes.* 2000000/) as string,
  };
  await expect(createDocument('jobs', large)).rejects.toMatchObject(refused);
  await expect(
    writeBatch('jobs', jobId, [{ create: note(jobId, 'small') }, { create: large }]),
  ).rejects.toMatchObject(refused);
  const half = (id: string): BatchWrite => ({ put: note(jobId, id, 'x'.repeat(1_000_000)) });
  await expect(writeBatch('jobs', jobId, [half('one'), half('two')])).rejects.toMatchObject({
    code: 'TooLargeToStore',
  });
  expect(await notesOf(jobId)).toEqual([]);
  expect(await createDocument('jobs', note(jobId, 'fits', 'x'.repeat(1_999_000)))).toBe(true);
  expect(await writeBatch('jobs', jobId, [{ put: note(jobId, 'fits', 'x'.repeat(1_999_000)) }])).toHaveLength(
    1,
  );
});

test('a list becomes batches by number and by bytes, and keeps its order [JOB-1]', async () => {
  const sizes = (list: readonly unknown[], size?: number) =>
    splitIntoBatches(list, size).map(({ length }) => length);
  expect(sizes([])).toEqual([]);
  expect(sizes(Array.from({ length: 250 }, (_, i) => i))).toEqual([100, 100, 50]);
  expect(sizes(Array.from({ length: 5 }, () => 'x'.repeat(700_000)))).toEqual([2, 2, 1]);
  expect(sizes(['x'.repeat(1_600_000), 'x', 'x'], 1)).toEqual([1, 1, 1]);
  expect(
    splitIntoBatches(['a', 'x'.repeat(1_600_000), 'b'])
      .flat()
      .map((text) => text.length),
  ).toEqual([1, 1_600_000, 1]);
  const jobId = newJobId();
  const steps = Array.from({ length: 99 }, (_, i) => ({
    ...makeStepDocument(jobId, `vm-${i}`),
    output: 'x'.repeat(60_000),
  }));
  expect(await createSteps(jobId, steps)).toBe(true);
  expect(await raiseStepEpochs(jobId, await listSteps(jobId), 2)).toBe(true);
  expect((await listSteps(jobId)).map(({ epoch }) => epoch)).toEqual(steps.map(() => 2));
  await saveVmPreviews(
    jobId,
    steps.map(({ targetId }) => ({
      targetId,
      preview: { choices: [{ what: 'x'.repeat(60_000) }] } as unknown as VmPreview,
    })),
  );
  const previews = await queryDocuments('jobs', {
    where: "c.type = 'vmPreview'",
    partition: { key: 'jobId', value: jobId },
  });
  expect(previews).toHaveLength(99);
});

test('a removal with an older ETag removes nothing', async () => {
  const jobId = newJobId();
  await createDocument('jobs', note(jobId, 'kept'));
  expect(await writeBatch('jobs', jobId, [{ remove: 'kept', etag: '"older"' }])).toBeUndefined();
  expect(await texts(jobId)).toEqual(['kept=kept']);
});
