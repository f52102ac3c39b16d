using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Gateway.Execution.Providers;

/// <summary>
/// Text gathered from JSON, up to a limit. It is kept as UTF-8 in one buffer that is used again: a string for each block
/// would stand on the large object heap, and blocks of a megabyte come by the dozen.
/// </summary>
/// <param name="limitBytes">Most bytes of UTF-8 that are kept; what follows is dropped, never a half character.</param>
internal sealed class KeptText(int limitBytes)
{
    private byte[] _bytes = [];
    private int _length;
    private bool _isFull;

    /// <summary>Whether nothing is kept.</summary>
    public bool IsEmpty => _length == 0;

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _length = 0;
        _isFull = false;
    }

    /// <summary>Adds a text.</summary>
    /// <param name="text">Anything but a JSON text adds nothing. Half a surrogate pair becomes U+FFFD.</param>
    public void Add(JsonElement text)
    {
        if (text.ValueKind != JsonValueKind.String || _isFull)
        {
            return;
        }

        var raw = JsonMarshal.GetRawUtf8Value(text);
        Reserve(raw.Length);
        _length += Copy(raw, text);
        CutToLimit();
    }

    /// <summary>Adds a line as it stands.</summary>
    /// <param name="line">UTF-8 without its line end, which is added.</param>
    public void AddLine(ReadOnlySpan<byte> line)
    {
        if (_isFull)
        {
            return;
        }

        Reserve(line.Length + 1);
        line.CopyTo(_bytes.AsSpan(_length));
        _bytes[_length + line.Length] = (byte)'\n';
        _length += line.Length + 1;
        CutToLimit();
    }

    /// <summary>All that is kept.</summary>
    public override string ToString() => Encoding.UTF8.GetString(_bytes, 0, _length);

    private void CutToLimit()
    {
        if (_length > limitBytes)
        {
            _isFull = true;
            _length = limitBytes;
            while ((_bytes[_length] & 0b1100_0000) == 0b1000_0000)
            {
                _length--;
            }
        }
    }

    private int Copy(ReadOnlySpan<byte> raw, JsonElement text)
    {
        try
        {
            var reader = new Utf8JsonReader(raw);
            reader.Read();
            return reader.CopyString(_bytes.AsSpan(_length));
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, which is no UTF-8. The replacement is no longer than the escape that it stands for.
            return Encoding.UTF8.GetBytes(text.Text() ?? "", _bytes.AsSpan(_length));
        }
    }

    // What an escape stands for is never longer than the escape.
    private void Reserve(int more)
    {
        if (_bytes.Length < _length + more)
        {
            Array.Resize(ref _bytes, Math.Max(_length + more, Math.Min(2 * _bytes.Length, limitBytes)));
        }
    }
}
