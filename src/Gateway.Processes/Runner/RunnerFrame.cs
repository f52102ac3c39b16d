using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Gateway.Processes.Runner;

/// <summary>One message on the socket: its length in four bytes, little end first, then JSON.</summary>
internal static class RunnerFrame
{
    public const int HeaderBytes = 4;
    public const int LimitBytes = 8 << 20;

    public static byte[] Encode<T>(T message, JsonTypeInfo<T> type)
    {
        return Encode(JsonSerializer.SerializeToUtf8Bytes(message, type));
    }

    public static byte[] Encode(byte[] json)
    {
        if (json.Length > LimitBytes)
        {
            throw new ArgumentException($"A message to the runner of {json.Length} bytes is above the limit of {LimitBytes}.", nameof(json));
        }

        var frame = new byte[HeaderBytes + json.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, json.Length);
        json.CopyTo(frame, HeaderBytes);
        return frame;
    }

    /// <summary>Length of the message that follows a header.</summary>
    /// <exception cref="InvalidDataException">It is out of range: the other side does not speak this protocol.</exception>
    public static int Length(ReadOnlySpan<byte> header)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        return length is > 0 and <= LimitBytes ? length : throw new InvalidDataException($"A frame of {length} bytes is out of range.");
    }

    public static T Decode<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new InvalidDataException("A frame holds null.");
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException("A frame holds no message of this protocol: " + fault.Message, fault);
        }
    }
}
