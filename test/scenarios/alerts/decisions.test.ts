// Decisions of alert rules that wait for persons: votes, messages, and their end.
import {
  startAlertEnvironment,
  type AlertDecisionView,
  type AlertEnvironment,
} from '../../support/alert-environment.ts';
import { assertDocumentedEvents } from '../../support/documented-events.ts';

let environment: AlertEnvironment;
const WHEN = { dimensions: { tier: ['front'] } };
beforeAll(async () => {
  // One VM for each rule.
  environment = await startAlertEnvironment(7);
});
afterAll(() => environment.stop());

const writes = async () => (await environment.simulator.siteRecovery.writes()).length;

/** The rule asks a person about an alert of so many minutes ago. */
async function askByRule(
  rule: string,
  change: object = {},
  minutes = 0,
  who = 'contributor',
): Promise<AlertDecisionView> {
  await environment.createAlertRule(
    rule,
    { when: { dimensions: { tier: [rule] } }, command: environment.nextFailover(), ...change },
    who,
  );
  await environment.sendAzureMonitorAlert({
    id: rule,
    firedAt: await environment.timeInMinutes(-minutes),
    customProperties: { tier: rule },
  });
  const [decision] = await environment.listDecisions(rule);
  if (!decision) throw new Error('Nothing was decided.');
  expect(decision).toMatchObject({ verdict: 'ask', state: 'waiting', job: null });
  return decision;
}
const state = async (rule: string) => (await environment.listDecisions(rule))[0];

/** The decision messages that the pager received. */
const messagesAbout = (id: string) =>
  environment.receiver.calls
    .filter(({ event }) => event.data['decision'] === id && event.source.endsWith('#asks'))
    .map(({ event }) => event);
const waitForMessage = (id: string, type: string) =>
  environment.lifeboat.waitFor(
    () => Promise.resolve(messagesAbout(id).find((event) => event.type === type)),
    `${type} about ${id}`,
  );

describe('a waiting decision', () => {
  beforeAll(async () => {
    const { status } = await environment.lifeboat.call('/api/v1/callbacks/pager', {
      method: 'PUT',
      principal: 'contributor',
      body: { url: environment.receiver.url, keys: ['k1'], audience: 'people' },
    });
    expect(status).toBe(201);
  });

  test('a decision waits for two approvers other than the author of the rule [TRG-4]', async () => {
    const before = await writes();
    const { id } = await askByRule('both', { approval: { people: 2 } }, 0, 'cleo');
    expect(await environment.decide(id, 'approved', 'cleo')).toMatchObject({
      status: 403,
      body: { code: 'OwnRequest' },
    });
    for (const who of ['owner', 'operator', 'reader', 'alerts'])
      expect((await environment.decide(id, 'approved', who)).status).toBe(403);
    for (let round = 0; round < 2; round++)
      expect(await environment.decide(id, 'approved', 'approver', { reason: 'It is dark.' })).toMatchObject({
        status: 200,
        body: { state: 'waiting', votes: [{ decision: 'approved', reason: 'It is dark.' }] },
      });
    expect(await writes()).toBe(before);
    // The other person follows the link in the message.
    const { data } = await waitForMessage(id, 'lifeboat.question.asked');
    expect(data).toMatchObject({
      times: 1,
      title: 'Lifeboat asks: failover by the alert rule both?',
      link: `/api/v1/alert-decisions/${id}`,
      until: null,
    });
    const yes = (data['answers'] as { answer: string; method: string; address: string; body: object }[]).find(
      ({ answer }) => answer === 'approved',
    );
    const done = await environment.lifeboat.call<AlertDecisionView>(yes?.address ?? '', {
      method: yes?.method ?? '',
      principal: 'dora',
      body: yes?.body,
    });
    expect(done).toMatchObject({
      status: 200,
      body: { state: 'started', votes: [{}, { name: 'dora@simulator.example' }] },
    });
    expect(await environment.lifeboat.waitForJobEnd(done.body.job ?? '')).toMatchObject({
      state: 'completed',
      requestedBy: { name: 'cleo@simulator.example', trigger: 'webhook' },
    });
    expect(await environment.decide(id, 'refused', 'approver')).toMatchObject({
      status: 409,
      body: { code: 'DecisionSettled' },
    });
    expect((await waitForMessage(id, 'lifeboat.question.closed')).data).toMatchObject({
      title: expect.stringContaining('Nothing more to do') as string,
      text: `It is started: Started as job ${done.body.job ?? ''}.`,
    });
    assertDocumentedEvents(messagesAbout(id));
    expect(messagesAbout(id).map(({ sequence }) => Number(sequence))).toEqual(
      messagesAbout(id).map((_, i) => i + 1),
    );
  });

  test('a person gets a message about an approved start that Lifeboat could not make [TRG-5]', async () => {
    const { id, command } = await askByRule('failing', { approval: {} });
    await environment.lifeboat.runToEnd(command);
    expect((await environment.decide(id, 'approved', 'approver')).body).toMatchObject({
      state: 'notStarted',
      error: { code: 'OperationNotAllowed' },
    });
    expect(
      (
        await environment.lifeboat.waitFor(
          () =>
            Promise.resolve(
              messagesAbout(id).find(({ data }) => String(data['title']).startsWith('Not started')),
            ),
          'the message',
        )
      ).data,
    ).toMatchObject({ title: 'Not started by the alert rule failing' });
  });

  test('a stale alert starts nothing: Lifeboat asks a person, and the person refuses it [TRG-4]', async () => {
    const before = await writes();
    const { id, reason } = await askByRule('stale', {}, 2000);
    // Simulated time flows between the alert and its decision.
    expect(reason).toMatch(/ 20\d\d minutes ago/);
    expect(await environment.decide(id, 'refused', 'approver', { reason: 'Long over.' })).toMatchObject({
      status: 200,
      body: { state: 'refused', outcome: expect.stringContaining('refused it') as string },
    });
    expect(await environment.decide(id, 'approved', 'dora')).toMatchObject({
      status: 409,
      body: { code: 'DecisionSettled' },
    });
    expect(await writes()).toBe(before);
  });

  test('a waiting decision ends when its rule changes or when its time is over [TRG-4]', async () => {
    const before = await writes();
    const { id, command } = await askByRule('changed', { approval: {} });
    await environment.callAlertRule('PUT', '/changed', { body: { when: WHEN, command }, ifMatch: '"1"' });
    expect(await state('changed')).toMatchObject({ state: 'void', outcome: 'The rule changed was changed.' });
    expect(await environment.decide(id, 'approved', 'approver')).toMatchObject({
      status: 409,
      body: { code: 'DecisionVoid' },
    });
    await askByRule('removed', { approval: {} });
    await environment.callAlertRule('DELETE', '/removed', { ifMatch: '"1"' });
    expect(await state('removed')).toMatchObject({ state: 'void', outcome: 'The rule removed was removed.' });
    await askByRule('late', { approval: { expiresAfterMinutes: 5 } });
    expect(
      await environment.lifeboat.waitFor(
        async () => ((await state('late'))?.state === 'expired' ? state('late') : undefined),
        'the end of its time',
      ),
    ).toMatchObject({ job: null });
    const over = await askByRule('over', { approval: {} });
    await environment.sendAzureMonitorAlert({
      id: 'over',
      firedAt: over.alert.firedAt,
      resolvedAt: await environment.timeInMinutes(1),
      customProperties: { tier: 'over' },
    });
    expect(await state('over')).toMatchObject({ state: 'waiting', cleared: [over.alert.id] });
    expect((await waitForMessage(over.id, 'lifeboat.question.noted')).data).toMatchObject({
      title: 'The alert is over: web is dark',
      text: expect.stringContaining('1 of 1 alerts are over') as string,
    });
    expect(await environment.decide('decision-nobody', 'approved', 'approver')).toMatchObject({
      status: 404,
      body: { code: 'DecisionUnknown' },
    });
    expect(await writes()).toBe(before);
  });
});
