// Reading a document of schema 9 gives it the field names of schema 10.
import { MIGRATIONS, migrate } from '../../../shared/store/schema.ts';
import { RENAMED_IN_10 } from '../../../shared/store/renamedIn10.ts';

const CASES: readonly (readonly [string, object, object])[] = [
  [
    'job',
    {
      command: { operation: 'failover', plan: 'shop', leaveOut: ['vm-a'] },
      needs: [
        { kind: 'hold', answers: ['endNow', 'leaveOut'], message: '"leaveOut" keeps it.' },
        { kind: 'approval', answers: ['approve', 'refuse'], message: 'Go?' },
      ],
    },
    {
      command: { operation: 'failover', plan: 'shop', exclude: ['vm-a'] },
      needs: [
        { kind: 'hold', answers: ['endNow', 'skip'], message: '"skip" keeps it.' },
        { kind: 'approval', answers: ['approved', 'refused'], message: 'Go?' },
      ],
    },
  ],
  [
    'job',
    {
      command: { despite: ['PRE-4'], vms: [{ id: 'x', disks: [{ disk: 'd', leaveOut: true }] }] },
      needs: [],
    },
    {
      command: { allowFailedChecks: ['PRE-4'], vms: [{ id: 'x', disks: [{ disk: 'd', exclude: true }] }] },
      needs: [],
    },
  ],
  ['answer', { word: 'leaveOut', stepId: 's' }, { answer: 'skip', stepId: 's' }],
  [
    'answer',
    { word: 'approve', subject: { planVersion: 1 } },
    { answer: 'approved', subject: { planVersion: 1 } },
  ],
  ['answer', { word: 'done' }, { answer: 'done' }],
  [
    'step',
    { work: { kind: 'part', part: { id: 'p', why: 'It is missing.' } } },
    { work: { kind: 'part', part: { id: 'p', reason: 'It is missing.' } } },
  ],
  // An internal name of a wait, which no answer shows.
  ['step', { work: { kind: 'hold', why: 'timeToLive' } }, { work: { kind: 'hold', why: 'timeToLive' } }],
  ...['preview', 'vmPreview'].map(
    (type) =>
      [
        type,
        { preview: { parts: [{ id: 'p', why: 'a' }], choices: [{ what: 'size', why: 'b' }] } },
        { preview: { parts: [{ id: 'p', reason: 'a' }], choices: [{ what: 'size', reason: 'b' }] } },
      ] as const,
  ),
  ['callback', { url: 'u', tells: 'people' }, { url: 'u', audience: 'people' }],
  [
    'news',
    {
      news: 'lifeboat.person.asked',
      data: {
        text: '"leaveOut" keeps it.',
        answers: [
          { says: 'leaveOut', address: '/answers', body: { step: 's', tries: 0, word: 'leaveOut' } },
          { says: 'approved', address: '/approvals', body: { step: 's', says: 'approved', planVersion: 2 } },
          { says: 'refuse', address: '/refuse', body: { reason: 'Why.' } },
        ],
      },
    },
    {
      news: 'lifeboat.question.asked',
      data: {
        text: '"skip" keeps it.',
        answers: [
          { answer: 'skip', address: '/answers', body: { step: 's', tries: 0, answer: 'skip' } },
          {
            answer: 'approved',
            address: '/approvals',
            body: { step: 's', decision: 'approved', planVersion: 2 },
          },
          { answer: 'refused', address: '/refuse', body: { reason: 'Why.' } },
        ],
      },
    },
  ],
  [
    'news',
    { news: 'lifeboat.person.told', data: { title: 'Over', text: 't' } },
    { news: 'lifeboat.question.noted', data: { title: 'Over', text: 't' } },
  ],
  [
    'news',
    { news: 'lifeboat.person.told', data: { title: 'Nothing more to do. Look at it', text: 't' } },
    { news: 'lifeboat.question.closed', data: { title: 'Nothing more to do. Look at it', text: 't' } },
  ],
  [
    'news',
    { news: 'lifeboat.job.needsPerson', data: { needs: 1, first: 'f', message: null } },
    { news: 'lifeboat.job.needsPerson', data: { questions: 1, first: 'f', message: null } },
  ],
  [
    'news',
    { news: 'lifeboat.job.ended', data: { warnings: 0 } },
    { news: 'lifeboat.job.ended', data: { warnings: 0 } },
  ],
  [
    'alertRule',
    { rule: { command: { plan: 'shop', leaveOut: [] } } },
    { rule: { command: { plan: 'shop', exclude: [] } } },
  ],
  [
    'decision',
    { why: 'It matched.', command: { leaveOut: [] }, votes: [{ by: 'ada', says: 'approved' }] },
    { why: 'It matched.', command: { exclude: [] }, votes: [{ by: 'ada', decision: 'approved' }] },
  ],
  ['decision', { command: null, votes: [] }, { command: null, votes: [] }],
  [
    'schedule',
    {
      command: { leaveOut: [] },
      schedule: { command: { leaveOut: [] }, blackouts: [{ from: 'f', why: 'w' }] },
    },
    {
      command: { exclude: [] },
      schedule: { command: { exclude: [] }, blackouts: [{ from: 'f', reason: 'w' }] },
    },
  ],
  ['occurrence', { command: { leaveOut: ['vm-a'] } }, { command: { exclude: ['vm-a'] } }],
];

test.each(CASES)('a %s of schema 9 gets the new names, and keeps them', (type, older, newer) => {
  const read = migrate({ id: 'one', type, schema: 9, ...older }, MIGRATIONS, 10);
  expect(read).toEqual({ id: 'one', type, schema: 10, ...newer });
  expect(migrate(read, MIGRATIONS, 10)).toEqual(read);
  expect(RENAMED_IN_10[type]?.(read as Readonly<Record<string, unknown>>)).toEqual(read);
});
