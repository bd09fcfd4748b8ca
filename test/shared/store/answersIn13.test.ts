// Reading an event of schema 12 gives its answers the form of schema 13.
import { migrate } from '../../../shared/store/schema.ts';

test('an undelivered question carries the requests of today [JOB-3] [TRG-5]', () => {
  const link = 'https://lifeboat.example/api/v1/jobs/job-1';
  const since = '2026-01-05T08:00:00.000Z';
  const answersOf = (answers: readonly object[]) =>
    (
      migrate({ id: 'news:1', type: 'news', schema: 12, data: { times: 1, since, answers } }) as {
        data: { answers: object[] };
      }
    ).data.answers;
  const method = 'POST';
  expect(
    answersOf([
      { answer: 'done', method, address: `${link}/answers`, body: { step: 's:a', tries: 1, answer: 'done' } },
      { answer: 'stop', method, address: `${link}/answers`, body: { step: 's:a', tries: 1, answer: 'stop' } },
      {
        answer: 'approved',
        method,
        address: `${link}/approvals`,
        body: { step: 's:go', decision: 'approved', planVersion: 3 },
      },
      { answer: 'refused', method, address: '/api/v1/alert-decisions/d/refuse', body: { reason: 'Why.' } },
    ]),
  ).toEqual([
    { answer: 'done', method, address: `${link}/answers`, body: { question: 's:a:1', answer: 'done' } },
    {
      answer: 'stop',
      method,
      address: `${link}/answers`,
      body: { question: 's:a:1:failure', answer: 'stop' },
    },
    {
      answer: 'approved',
      method,
      address: `${link}/answers`,
      body: { question: 's:go:0', answer: 'approved' },
    },
    {
      answer: 'refused',
      method,
      address: '/api/v1/alert-decisions/d/answers',
      body: { question: `approval:${since}`, answer: 'refused' },
    },
  ]);
  const note = { id: 'news:2', type: 'news', schema: 12, data: { times: 1 } };
  expect(migrate(note)).toMatchObject({ data: { times: 1 } });
});
