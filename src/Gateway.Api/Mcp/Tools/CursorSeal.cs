using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Gateway.Api.Auth;
using Gateway.Jobs.Reading;

namespace Gateway.Api.Mcp.Tools;

/// <summary>Makes cursors that lead nowhere but where they were given out: same caller, same filters, unchanged.</summary>
internal sealed class CursorSeal(ApiKey key)
{
    private const int PlaceBytes = sizeof(long) + 16;
    private const int SealBytes = 16;
    private readonly byte[] secret = key.Derive("job-list-cursor");

    public string Close(JobCursor cursor, string binding)
    {
        Span<byte> bytes = stackalloc byte[PlaceBytes + SealBytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, cursor.CreatedAtMs);
        cursor.JobId.TryWriteBytes(bytes[sizeof(long)..]);
        Seal(bytes[..PlaceBytes], binding).CopyTo(bytes[PlaceBytes..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>The place, or null for any text that was not given out for this binding.</summary>
    public JobCursor? Open(string text, string binding)
    {
        Span<byte> bytes = stackalloc byte[PlaceBytes + SealBytes];
        if (text.Length != Base64Url.GetEncodedLength(bytes.Length) || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var length) || length != bytes.Length)
        {
            return null;
        }

        return CryptographicOperations.FixedTimeEquals(bytes[PlaceBytes..], Seal(bytes[..PlaceBytes], binding))
            ? new JobCursor(BinaryPrimitives.ReadInt64BigEndian(bytes), new Guid(bytes[sizeof(long)..PlaceBytes]))
            : null;
    }

    private byte[] Seal(ReadOnlySpan<byte> place, string binding) =>
        HMACSHA256.HashData(secret, (byte[])[.. place, .. Encoding.UTF8.GetBytes(binding)])[..SealBytes];
}
