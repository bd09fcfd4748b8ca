// Encodes times for AMQP messages of Service Bus.

const TICKS_PER_MILLISECOND = 10_000n;
const TICKS_BEFORE_1970 = 621_355_968_000_000_000n;

/** Encodes a time in .NET ticks, as a long: tenths of microseconds since the year 1. */
export function toTicks(milliseconds: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(Math.round(milliseconds)) * TICKS_PER_MILLISECOND + TICKS_BEFORE_1970);
  return bytes;
}
