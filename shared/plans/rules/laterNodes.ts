// Adds the nodes that begin after all groups are up: later phases, commit window, end of a drill.

import type { PhaseOperation } from '../../core/operations.ts';
import { TIME_TO_LIVE, ALL_UP, type Node } from './graph.ts';
import {
  independentNode,
  nodeIdsOfPhase,
  OPTIONAL_RULE,
  gateNode,
  vmUnitsOf,
  type RunFacts,
} from './nodes.ts';
import type { Group, Plan } from './plan.ts';
import { stepRuleOf } from './rule.ts';

/** Adds the later phases, after all groups are up: until then, a person can still cancel the failover. */
export function addLaterPhases(
  nodes: Node[],
  groups: readonly Group[],
  firstPhase: PhaseOperation,
  later: readonly PhaseOperation[],
  facts: RunFacts,
): void {
  let previousGate = ALL_UP;
  let previousPhase = firstPhase;
  for (const phase of later) {
    const earlierNodesOf = nodeIdsOfPhase(nodes, previousPhase);
    const phaseNodes = groups.flatMap((group) =>
      vmUnitsOf(group, phase, facts).map((vms) =>
        independentNode({
          group,
          vms,
          phase,
          main: true,
          needs: [previousGate],
          buildsOn: earlierNodesOf(vms).map((id) => ({ id, how: 'good' })),
        }),
      ),
    );
    nodes.push(...phaseNodes);
    previousGate = `${phase}.end`;
    previousPhase = phase;
    nodes.push(
      gateNode(
        previousGate,
        null,
        phaseNodes.map(({ id }) => id),
      ),
    );
  }
}

export function addCommitWindow(
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
    purpose: 'commitWindow',
    minutes: window.afterMinutes,
    group: null,
    needs: [ALL_UP],
    buildsOn: [],
    always: false,
    rule: OPTIONAL_RULE,
  });
  const failoverNodesOf = nodeIdsOfPhase(nodes, 'failover');
  nodes.push(
    ...groups.flatMap((group) =>
      vmUnitsOf(group, phase, facts).map((vms) =>
        independentNode({
          group,
          vms,
          phase,
          main: false,
          needs: ['window'],
          buildsOn: ['window', ...failoverNodesOf(vms)].map((id) => ({ id, how: 'good' })),
        }),
      ),
    ),
  );
}

/**
 * Adds the checks and the clean-up of a drill. The clean-up follows every drill, also a failed one:
 * test VMs cost money and block a real failover.
 * The time to live waits for nothing: a check or a question must not keep the test VMs.
 */
export function addDrillEnd(nodes: Node[], { drill }: Plan, groups: readonly Group[], facts: RunFacts): void {
  drill.checks.reduce((previousId, action, index) => {
    nodes.push({
      kind: 'action',
      id: `check.${index}`,
      group: null,
      place: 'check',
      vm: null,
      action,
      needs: [previousId],
      buildsOn: [],
      always: false,
      rule: stepRuleOf(action),
    });
    return `check.${index}`;
  }, ALL_UP);
  const testIds = nodes.flatMap((node) =>
    node.kind === 'vms' && node.phase === 'testFailover' ? [node.id] : [],
  );
  if (drill.cleanUpAfterMinutes === null || testIds.length === 0) return;
  nodes.push({
    kind: 'hold',
    id: TIME_TO_LIVE,
    purpose: 'timeToLive',
    minutes: drill.cleanUpAfterMinutes,
    early: true,
    group: null,
    needs: testIds,
    buildsOn: [],
    always: true,
    rule: OPTIONAL_RULE,
  });
  const testNodesOf = nodeIdsOfPhase(nodes, 'testFailover');
  nodes.push(
    ...groups.flatMap((group) =>
      vmUnitsOf(group, 'cleanUpTestFailover', facts).map((vms) =>
        independentNode({
          group,
          vms,
          phase: 'cleanUpTestFailover',
          main: false,
          always: true,
          needs: [TIME_TO_LIVE, ...testNodesOf(vms)],
          buildsOn: [
            { id: TIME_TO_LIVE, how: 'good' },
            ...testNodesOf(vms).map((id) => ({ id, how: 'begun' as const })),
          ],
        }),
      ),
    ),
  );
}
