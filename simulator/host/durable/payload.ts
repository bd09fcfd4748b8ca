// Refuses oversized messages, because Azure's schedulers refuse them too. A developer should see
// the error here first.

/**
 * Checks the size of a message in UTF-8, the encoding on the wire. Returns the reason of a refusal,
 * or undefined.
 */
export type PayloadCheck = (what: string, text: string | null) => string | undefined;

/** Creates a check for messages of up to `maxBytes` bytes. */
export function payloadCheck(maxBytes: number): PayloadCheck {
  return (what, text) => {
    const bytes = text === null ? 0 : Buffer.byteLength(text);
    return bytes <= maxBytes
      ? undefined
      : `${what} is ${bytes} bytes, over the limit of ${maxBytes} bytes for one message`;
  };
}

/** The custom status has its own limit: 16 KiB of UTF-16. */
const MAX_CUSTOM_STATUS = 8_192;

export function checkCustomStatus(text: string | null): string | undefined {
  return text === null || text.length <= MAX_CUSTOM_STATUS
    ? undefined
    : `its custom status is ${text.length} characters, over the limit of ${MAX_CUSTOM_STATUS}`;
}

/**
 * Returns the text of an activity's input. The SDK has already turned strings into JSON, but nothing
 * else.
 */
export function activityInput(input: unknown): string | null {
  if (input === undefined || input === null) return null;
  return typeof input === 'string' ? input : JSON.stringify(input);
}

/** Returns the value as JSON text. Undefined becomes `null`. */
export function toJson(value: unknown): string {
  return value === undefined ? 'null' : JSON.stringify(value);
}
