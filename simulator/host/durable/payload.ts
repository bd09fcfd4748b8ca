// Azure's schedulers refuse messages that are too large, so this host does too: better here than there.

/** The size of a message in UTF-8, which is how it travels. */
export type PayloadCheck = (what: string, text: string | null) => string | undefined;

/** A check that answers why the message is refused, or undefined. */
export function payloadCheck(maxBytes: number): PayloadCheck {
  return (what, text) => {
    const bytes = text === null ? 0 : Buffer.byteLength(text);
    return bytes <= maxBytes
      ? undefined
      : `${what} is ${bytes} bytes, over the limit of ${maxBytes} bytes for one message`;
  };
}

/** The custom status has a limit of its own: 16 KiB of UTF-16. */
const MAX_CUSTOM_STATUS = 8_192;

export function checkCustomStatus(text: string | null): string | undefined {
  return text === null || text.length <= MAX_CUSTOM_STATUS
    ? undefined
    : `its custom status is ${text.length} characters, over the limit of ${MAX_CUSTOM_STATUS}`;
}

/**
 * Inputs of activities and of continueAsNew: the SDK has already made JSON of a string, and of
 * nothing else.
 */
export function activityInput(input: unknown): string | null {
  if (input === undefined || input === null) return null;
  return typeof input === 'string' ? input : JSON.stringify(input);
}

export function toJson(value: unknown): string {
  return value === undefined ? 'null' : JSON.stringify(value);
}
