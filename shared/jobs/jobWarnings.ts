// What was known before a job began, and what it went ahead in spite of: in the job, and in its log.
import type { EnablingPreview } from '../enabling/rules/preview.ts';
import { PlanOperation } from '../plans/rules/graph.ts';
import { lintParsedPlan, toShownFinding } from '../plans/rules/lint.ts';
import type { Obstacle } from '../plans/rules/runPreview.ts';
import type { JobWarning } from '../core/warning.ts';
import type { JobDocument, LogDocument } from '../journal/documents.ts';
import type { PlanDocument } from '../plans/documents.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { logLine, LogSection } from '../journal/log.ts';

/** A job's document must stay small, and so must the batch that writes its log. */
const MAX_STORED = 100;
const MAX_LOGGED = 50;

export const warningFieldsOf = (
  warnings: readonly JobWarning[],
): Pick<JobDocument, 'warnings' | 'warningCount'> => ({
  warnings: warnings.slice(0, MAX_STORED),
  warningCount: warnings.length,
});

/** The same lines, however often they are written. */
export function warningLogLines(
  { jobId, warnings, warningCount }: Pick<JobDocument, 'jobId' | 'warnings' | 'warningCount'>,
  now: Date,
): readonly LogDocument[] {
  const logged = warnings.slice(0, MAX_LOGGED);
  const lines = logged.map(
    ({ code, message, vm }) =>
      `Goes ahead in spite of a warning: ${code}${vm === null ? '' : ` (${vm.name})`}: ${message}`,
  );
  const remainderLine =
    warningCount > logged.length
      ? [`It goes ahead in spite of ${warningCount - logged.length} warnings more.`]
      : [];
  return [...lines, ...remainderLine].map((line, index) =>
    logLine(jobId, LogSection.first, `warning:${String(index).padStart(3, '0')}`, line, now),
  );
}

/**
 * Those of the whole, and those of the VMs that are enabled; what the whole says, such as of a
 * quota, no VM says again.
 */
export function warningsOfEnabling({
  warnings,
  vms,
}: Pick<EnablingPreview, 'warnings' | 'vms'>): readonly JobWarning[] {
  const generalMessages = new Set(warnings.map(({ message }) => message));
  return [
    ...warnings.map((warning) => ({ ...warning, vm: null })),
    ...vms
      .filter(({ verdict }) => verdict !== 'refused')
      .flatMap((vm) =>
        vm.warnings
          .filter(({ message }) => !generalMessages.has(message))
          .map((one) => ({ ...one, vm: { id: vm.vmId, name: vm.name } })),
      ),
  ];
}

/**
 * What the linter says of the plan by itself, what was lost of a native one, and what the preview
 * of this run says now.
 */
export function warningsOfRun(
  { plan, origin, warnings }: Pick<PlanDocument, 'plan' | 'origin' | 'warnings'>,
  operation: PlanOperation,
  obstacles: readonly Obstacle[],
  vms: readonly ReplicatedVmDocument[],
): readonly JobWarning[] {
  const names = new Map(vms.map(({ id, name }) => [id, name]));
  // How its VMs stood when it was saved is long past: without facts the linter says what holds of
  // the plan itself.
  const found = [
    ...(origin.kind === 'native' ? warnings : []),
    ...lintParsedPlan(plan, {}).map((finding) => toShownFinding(finding)),
  ];
  const linted = found.filter(({ severity, path }) => severity === 'warning' && isAbout(path, operation));
  return [
    ...linted.map(({ code, message, path }) => ({
      code,
      message: path === null ? message : `${path}: ${message}`,
      vm: null,
    })),
    ...obstacles
      .filter(({ refuses }) => !refuses)
      .map(({ code, message, vm }) => ({
        code,
        message,
        vm: vm === null ? null : { id: vm, name: names.get(vm) ?? vm },
      })),
  ];
}

/** Whether a place in a plan concerns a run for this. */
function isAbout(path: string | null, operation: PlanOperation): boolean {
  if (path === null) return true;
  if (path.startsWith('$.drill')) return operation === PlanOperation.testFailover;
  if (path.startsWith('$.runs.testFailover')) return operation === PlanOperation.testFailover;
  if (path.startsWith('$.runs.failback')) return operation === PlanOperation.failback;
  return true;
}
