// The warnings of a job: known problems from before the start that did not stop the job. They are
// in the document of the job and in its log.
import type { EnablingPreview } from '../scenarios/enabling/preview.ts';
import { PlanOperation } from '../plans/rules/graph.ts';
import { lintParsedPlan, toShownFinding } from '../plans/rules/lint.ts';
import type { Obstacle } from '../plans/rules/runPreview.ts';
import type { JobWarning } from '../core/warning.ts';
import type { JobDocument, LogDocument } from '../journal/documents.ts';
import type { PlanDocument } from '../plans/documents.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { logLine, LogSection } from '../journal/log.ts';

/** The document of a job must stay small, and so must the batch that writes its log. */
const MAX_STORED = 100;
const MAX_LOGGED = 50;

/** The fields of the job document for these warnings. */
export const warningFieldsOf = (
  warnings: readonly JobWarning[],
): Pick<JobDocument, 'warnings' | 'warningCount'> => ({
  warnings: warnings.slice(0, MAX_STORED),
  warningCount: warnings.length,
});

/** Builds the log lines of the warnings. Repeated calls give the same lines. */
export function warningLogLines(
  { jobId, warnings, warningCount }: Pick<JobDocument, 'jobId' | 'warnings' | 'warningCount'>,
  now: Date,
): readonly LogDocument[] {
  const logged = warnings.slice(0, MAX_LOGGED);
  const lines = logged.map(
    ({ code, message, vm }) =>
      `Continues despite a warning: ${code}${vm === null ? '' : ` (${vm.name})`}: ${message}`,
  );
  const remainderLine =
    warningCount > logged.length ? [`Continues despite ${warningCount - logged.length} more warnings.`] : [];
  return [...lines, ...remainderLine].map((line, index) =>
    logLine(jobId, LogSection.first, `warning:${String(index).padStart(3, '0')}`, line, now),
  );
}

/**
 * The warnings of the request and of each enabled VM. A general warning, such as about a quota,
 * does not repeat for each VM.
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
          .map((warning) => ({ ...warning, vm: { id: vm.vmId, name: vm.name } })),
      ),
  ];
}

/**
 * The warnings about a run: from the linter, from the import of a native plan, and from the preview
 * of this run.
 */
export function warningsOfRun(
  { plan, origin, warnings }: Pick<PlanDocument, 'plan' | 'origin' | 'warnings'>,
  operation: PlanOperation,
  obstacles: readonly Obstacle[],
  vms: readonly ReplicatedVmDocument[],
): readonly JobWarning[] {
  const names = new Map(vms.map(({ id, name }) => [id, name]));
  // Lint without facts: the stored facts are from the time of saving. Then the linter judges only
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

/** Tells whether a path in the plan matters for this operation. */
function isAbout(path: string | null, operation: PlanOperation): boolean {
  if (path === null) return true;
  if (path.startsWith('$.drill')) return operation === PlanOperation.testFailover;
  if (path.startsWith('$.runs.testFailover')) return operation === PlanOperation.testFailover;
  if (path.startsWith('$.runs.failback')) return operation === PlanOperation.failback;
  return true;
}
