// Jobs run while a deployment brings new code. The test replays each history of an earlier build.
// Today's orchestrators must ask for the same calls at every point.
import type { OrchestrationContext } from 'durable-functions';
import { runPlan } from '../../orchestrators/runPlan.ts';
import { readRecordings, replay, type RecordedOrchestration } from './recorded-histories.ts';

const RECORDINGS = readRecordings();
const ORCHESTRATIONS = RECORDINGS.flatMap(({ name, orchestrations }) =>
  orchestrations.map((orchestration) => ({
    scenario: name,
    orchestration,
    name: orchestration.name,
    input: orchestration.input.slice(0, 120),
    episodes: orchestration.episodes.length,
  })),
);

test('the recorded histories cover jobs, phases, plans and shards, with every kind of event', () => {
  expect(RECORDINGS.map(({ name }) => name)).toEqual(['drill', 'enabling', 'failover', 'plan', 'shards']);
  expect([...new Set(ORCHESTRATIONS.map(({ name }) => name))].sort()).toEqual([
    'phase',
    'runJob',
    'runPlan',
    'startShard',
  ]);
  const kinds = new Set(
    ORCHESTRATIONS.flatMap(({ orchestration }) =>
      orchestration.episodes.flatMap(({ events }) =>
        (JSON.parse(`[${events}]`) as { EventType: number }[]).map(({ EventType }) => EventType),
      ),
    ),
  );
  for (const kind of [0, 4, 5, 6, 7, 8, 10, 11, 15]) expect([...kinds]).toContain(kind);
});

test.each(ORCHESTRATIONS)(
  '$scenario: $name of $episodes episodes continues with the code of today ($input) [OP-9]',
  async ({ orchestration }) => {
    await replay(orchestration);
  },
);

test('the replay finds an orchestrator that asks for something else, or in another order [OP-9]', async () => {
  const orchestration = ORCHESTRATIONS.find(({ scenario, name }) => scenario === 'plan' && name === 'runPlan')
    ?.orchestration as RecordedOrchestration;
  const pollingFirst = function* (context: OrchestrationContext) {
    yield context.df.callActivity('pollActions', context.df.getInput());
    return yield* runPlan(context);
  };
  await expect(replay(orchestration, pollingFirst)).rejects.toThrow('not do the same at every replay');
  const endingEarly = function* (context: OrchestrationContext) {
    yield context.df.callActivity('advancePlan', context.df.getInput());
    return 'over';
  };
  await expect(replay(orchestration, endingEarly)).rejects.toThrow('not do the same at every replay');
});
