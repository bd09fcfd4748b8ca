// What the walk of a plan asks of its activities, step by step, without a host: each answer is given by hand.
import type { OrchestrationContext } from 'durable-functions';
import { runPlan } from '../../orchestrators/runPlan.ts';
import type { AdvanceResult, OpenPhase } from '../../shared/runs/advancePlan.ts';

interface Asked {
  readonly activity: string;
  readonly input: unknown;
}

/** The walk up to what it asks of the write budget in its first round. */
function reserving(turn: Partial<OpenPhase>): unknown {
  const callActivity = (activity: string, input: unknown): Asked => ({ activity, input });
  const context = {
    df: { getInput: () => ({ jobId: 'j', epoch: 1 }), currentUtcDateTime: new Date(0), callActivity },
  } as unknown as OrchestrationContext;
  const walk = runPlan(context) as Generator<unknown, string, unknown>;
  expect(walk.next().value).toMatchObject({ activity: 'advancePlan' });
  const vault = { vaultId: 'v', vaultArmId: '/vault', subscription: 's', startable: ['vm-1'] };
  const advanced: AdvanceResult = {
    superseded: false,
    over: false,
    acting: 0,
    nextSeconds: null,
    turns: [{ phase: 'cleanUpTestFailover', ...vault, ...turn }],
  };
  const asked = walk.next(advanced).value as Asked;
  expect(asked.activity).toBe('reserveWrites');
  return asked.input;
}

test('each step says whether a cancelled run still begins that step [OP-8]', () => {
  expect(reserving({ always: true })).toMatchObject({ phase: 'cleanUpTestFailover', always: true });
  expect(reserving({ always: false })).toMatchObject({ phase: 'cleanUpTestFailover', always: false });
  expect(reserving({ phase: 'failover', always: false })).toMatchObject({ always: false });
});

test('[OP-9] a turn that an earlier build has given asks for what that build asked', () => {
  expect(reserving({})).toMatchObject({ always: true });
  expect(reserving({ phase: 'failover' })).toMatchObject({ always: false });
});
