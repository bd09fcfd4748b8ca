// Builds the readiness report from a preview: one line for each check and VM, the worst first. So
// the report and the preview always agree. Pure.
import type { AzureFacts } from '../../../azure/facts.ts';
import type { ReadinessCheck, EnablingPreview } from '../../../scenarios/enabling/preview.ts';
import type { SecurityGroupFix } from '../../../scenarios/enabling/support.ts';
import { enablingFor } from '../../../scenarios/drivers.ts';
import type { CommonRequest } from '../../../scenarios/enabling/support.ts';

/** One check in the report. */
export interface ReportLine extends ReadinessCheck {
  /** Null: the check applies to all VMs. */
  readonly vmId: string | null;
  readonly vmName: string | null;
}

/** The report with its worst verdict. */
export interface Readiness {
  readonly verdict: ReadinessCheck['verdict'];
  readonly counts: Readonly<Record<ReadinessCheck['verdict'], number>>;
  readonly lines: readonly ReportLine[];
  /** The security rules that would allow the blocked connections. */
  readonly securityRules: readonly SecurityGroupFix[];
}

const WORST_FIRST: readonly ReadinessCheck['verdict'][] = ['fail', 'warn', 'manual', 'pass'];
const rank = ({ verdict }: ReadinessCheck): number => WORST_FIRST.indexOf(verdict);

/** The readiness report of a preview. */
export function readinessOf(preview: EnablingPreview, facts: AzureFacts, request: CommonRequest): Readiness {
  const lines = [
    ...preview.checks.map((check) => ({ ...check, vmId: null, vmName: null })),
    ...preview.vms.flatMap((vm) => vm.checks.map((check) => ({ ...check, vmId: vm.vmId, vmName: vm.name }))),
  ].sort((first, second) => rank(first) - rank(second));
  const count = (verdict: ReadinessCheck['verdict']): number =>
    lines.filter((line) => line.verdict === verdict).length;
  return {
    verdict: lines[0]?.verdict ?? 'pass',
    counts: { pass: count('pass'), warn: count('warn'), fail: count('fail'), manual: count('manual') },
    lines,
    securityRules: ruleFixesFor(facts, request),
  };
}

/** The rule fixes for these VMs, ready to apply. */
export const ruleFixesFor = (facts: AzureFacts, request: CommonRequest): readonly SecurityGroupFix[] =>
  enablingFor(request.goal).ruleFixesFor(facts, request);
