// The readiness report: the checks of a preview, one line per check and VM, the worst first. It is
// made of the preview, so the two cannot differ.
import type { AzureFacts } from '../../../azure/facts.ts';
import { resolveScope } from '../request/requestScope.ts';
import { keyOf } from '../lookup.ts';
import { findRuleFixes, type SecurityGroupFix } from '../network/ruleFixes.ts';
import type { ReadinessCheck, EnablingPreview } from '../preview.ts';
import type { PrepareRequest } from '../request/request.ts';

export interface ReportLine extends ReadinessCheck {
  /** Null: it concerns all of them. */
  readonly vmId: string | null;
  readonly vmName: string | null;
}

export interface Readiness {
  readonly verdict: ReadinessCheck['verdict'];
  readonly counts: Readonly<Record<ReadinessCheck['verdict'], number>>;
  readonly lines: readonly ReportLine[];
  /** The rules that would open what is closed. */
  readonly securityRules: readonly SecurityGroupFix[];
}

const WORST_FIRST: readonly ReadinessCheck['verdict'][] = ['fail', 'warn', 'manual', 'pass'];
const rank = ({ verdict }: ReadinessCheck): number => WORST_FIRST.indexOf(verdict);

export function readinessOf(preview: EnablingPreview, facts: AzureFacts, request: PrepareRequest): Readiness {
  const lines = [
    ...preview.checks.map((check) => ({ ...check, vmId: null, vmName: null })),
    ...preview.vms.flatMap((vm) => vm.checks.map((check) => ({ ...check, vmId: vm.vmId, vmName: vm.name }))),
  ].sort((a, b) => rank(a) - rank(b));
  const count = (verdict: ReadinessCheck['verdict']): number =>
    lines.filter((line) => line.verdict === verdict).length;
  return {
    verdict: lines[0]?.verdict ?? 'pass',
    counts: { pass: count('pass'), warn: count('warn'), fail: count('fail'), manual: count('manual') },
    lines,
    securityRules: ruleFixesFor(facts, request),
  };
}

/** The rules that would mend what keeps these VMs from replicating, ready to be applied. */
export function ruleFixesFor(facts: AzureFacts, request: PrepareRequest): readonly SecurityGroupFix[] {
  const { scope } = resolveScope(facts, request);
  const vms = request.vms.flatMap(({ id }) => scope.lookup.vms.get(keyOf(id)) ?? []);
  return findRuleFixes(scope, vms, request.multiVmGroup !== undefined);
}
