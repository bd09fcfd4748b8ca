// The nodes that begin once all groups are up: further phases, the commit window, the end of a drill.
import type { PhaseOperation } from '../../core/words.ts';
import { TIME_TO_LIVE, UP, type Node } from './graph.ts';
import { alone, doing, EASY, gate, targetsOf, type RunFacts } from './nodes.ts';
import type { Group, Plan } from './plan.ts';
import { ruleOf } from './rule.ts';

/** Further phases begin when all groups are up: until then a person can still cancel the failover. */
export function layLater(
  nodes: Node[],
  groups: readonly Group[],
  first: PhaseOperation,
  later: readonly PhaseOperation[],
  facts: RunFacts,
): void {
  let before = UP;
  let built = first;
  for (const phase of later) {
    const done = doing(nodes, built);
    const laid = groups.flatMap((group) =>
      targetsOf(group, phase, facts).map((vms) =>
        alone({
          group,
          vms,
          phase,
          main: true,
          needs: [before],
          buildsOn: done(vms).map((id) => ({ id, how: 'good' })),
        }),
      ),
    );
    nodes.push(...laid);
    before = `${phase}.end`;
    built = phase;
    nodes.push(
      gate(
        before,
        null,
        laid.map(({ id }) => id),
      ),
    );
  }
}

export function layWindow(
  nodes: Node[],
  { commitWindow: window }: Plan,
  groups: readonly Group[],
  facts: RunFacts,
): void {
  if (window.kind === 'wait') return;
  const phase = window.kind === 'commit' ? 'commit' : 'cancelFailover';
  nodes.push({
    kind: 'hold',
    id: 'window',
    why: 'commitWindow',
    minutes: window.afterMinutes,
    group: null,
    needs: [UP],
    buildsOn: [],
    always: false,
    rule: EASY,
  });
  const done = doing(nodes, 'failover');
  nodes.push(
    ...groups.flatMap((group) =>
      targetsOf(group, phase, facts).map((vms) =>
        alone({
          group,
          vms,
          phase,
          main: false,
          needs: ['window'],
          buildsOn: ['window', ...done(vms)].map((id) => ({ id, how: 'good' })),
        }),
      ),
    ),
  );
}

/**
 * Whatever became of the drill, it is cleaned up: test machines cost money and keep VMs from being
 * failed over in earnest.
 * The time to live waits for nobody: neither a check nor a question keeps the test VMs standing.
 */
export function layDrill(nodes: Node[], { drill }: Plan, groups: readonly Group[], facts: RunFacts): void {
  drill.checks.reduce((last, action, index) => {
    nodes.push({
      kind: 'action',
      id: `check.${index}`,
      group: null,
      place: 'check',
      vm: null,
      action,
      needs: [last],
      buildsOn: [],
      always: false,
      rule: ruleOf(action),
    });
    return `check.${index}`;
  }, UP);
  const tests = nodes.flatMap((node) =>
    node.kind === 'vms' && node.phase === 'testFailover' ? [node.id] : [],
  );
  if (drill.cleanUpAfterMinutes === null || tests.length === 0) return;
  nodes.push({
    kind: 'hold',
    id: TIME_TO_LIVE,
    why: 'timeToLive',
    minutes: drill.cleanUpAfterMinutes,
    early: true,
    group: null,
    needs: tests,
    buildsOn: [],
    always: true,
    rule: EASY,
  });
  const tested = doing(nodes, 'testFailover');
  nodes.push(
    ...groups.flatMap((group) =>
      targetsOf(group, 'cleanUpTestFailover', facts).map((vms) =>
        alone({
          group,
          vms,
          phase: 'cleanUpTestFailover',
          main: false,
          always: true,
          needs: [TIME_TO_LIVE, ...tested(vms)],
          buildsOn: [
            { id: TIME_TO_LIVE, how: 'good' },
            ...tested(vms).map((id) => ({ id, how: 'begun' as const })),
          ],
        }),
      ),
    ),
  );
}
