// The interface between the attempt protocol and the object of an ARM write. A target inspects the
// current state and sends the write. The protocol in startStep.ts calls the targets.
import type { Warning } from '../../core/warning.ts';
import type { WriteAnswer } from '../../azure/writeAnswer.ts';
import type { Fault } from '../../core/errors.ts';
import type { WithEtag } from '../../store/cosmos.ts';
import type { AttemptDocument, StepDocument } from '../../journal/documents.ts';
import type { VaultSnapshot } from '../../siterecovery/vaultSnapshot.ts';

/** The orchestration that inspects. It may change only the objects that it has locked. */
export interface StepStarter {
  readonly jobId: string;
  readonly epoch: number;
  /** How many steps begin at the same moment. */
  readonly wave?: number;
}

/** The ids of the target in Azure before and after the operation. */
export interface ArmIds {
  readonly armIdBefore: string;
  readonly armIdAfter: string;
}

/** The decision about a step: start, already done, follow a foreign operation, wait, or refuse. */
export type StartDecision =
  /** `log`: a line for the log of the job, before the write. */
  | (ArmIds & {
      readonly kind: 'start';
      readonly log?: string;
      readonly send: (clientRequestId: string, deadline: Date, attempt: number) => Promise<WriteAnswer>;
    })
  /** `updateRegistry` records the observed state. It returns false if it could not do so now. */
  | (ArmIds & {
      readonly kind: 'alreadySo';
      readonly updateRegistry: () => Promise<boolean>;
      readonly replicationId?: string;
      /** The differences from the request. */
      readonly warnings?: readonly Warning[];
    })
  /**
   * A foreign operation that the step follows. The job is null if the job has ended and its effect
   * continues.
   */
  | (ArmIds & { readonly kind: 'follow'; readonly armJobId: string | null })
  | { readonly kind: 'wait'; readonly waitsFor: string }
  | { readonly kind: 'refused'; readonly fault: Fault };

/** One kind of object that a step can write to. */
export interface Target {
  /** `view`: a recent snapshot of the vault, if the caller inspects many targets together. */
  readonly inspect: (
    step: WithEtag<StepDocument>,
    owner: StepStarter,
    now: Date,
    view?: VaultSnapshot,
  ) => Promise<StartDecision>;
  /** The answer of Site Recovery to the write names a job. */
  readonly startsJob: boolean;
  /** Proves a write without a job: tells whether its resource exists. */
  readonly exists?: (step: StepDocument, attempt: AttemptDocument) => Promise<boolean>;
}
