// The calls of a plan's orchestration to its activities, step by step, without a host. The test
// gives each answer by hand.
import type { OrchestrationContext } from 'durable-functions';
import { runPlan } from '../../orchestrators/runPlan.ts';
import type { AdvanceResult, OpenPhase } from '../../shared/runs/advancePlan.ts';

interface Asked {
  readonly activity: string;
  readonly input: unknown;
}

/** Plays the orchestration up to its request to the write budget in the first round. */
function reserving(turn: Partial<OpenPhase>): unknown {
  const callActivity = (activity: string, input: unknown): Asked => ({ activity, input });
  const context = {
    df: { getInput: () => ({ jobId: 'j', epoch: 1 }), currentUtcDateTime: new Date(0), callActivity },
  } as unknown as OrchestrationContext;
  const orchestration = runPlan(context) as Generator<unknown, string, unknown>;
  expect(orchestration.next().value).toMatchObject({ activity: 'advancePlan' });
  const vault = { vaultId: 'v', vaultArmId: '/vault', subscription: 's', startable: ['vm-1'] };
  const advanced: AdvanceResult = {
    superseded: false,
    over: false,
    acting: 0,
    nextSeconds: null,
    turns: [{ phase: 'cleanUpTestFailover', ...vault, ...turn }],
  };
  const asked = orchestration.next(advanced).value as Asked;
  expect(asked.activity).toBe('reserveWrites');
  return asked.input;
}

test('each step tells whether a cancelled run still starts it [OP-8]', () => {
  expect(reserving({ always: true })).toMatchObject({ phase: 'cleanUpTestFailover', always: true });
  expect(reserving({ always: false })).toMatchObject({ phase: 'cleanUpTestFailover', always: false });
  expect(reserving({ phase: 'failover', always: false })).toMatchObject({ always: false });
});

test('a turn from an earlier build asks for the same as that build [OP-9]', () => {
  expect(reserving({})).toMatchObject({ always: true });
  expect(reserving({ phase: 'failover' })).toMatchObject({ always: false });
});
