using CsCheck;
using Gateway.Jobs;
using Xunit;

namespace Gateway.Tests.Jobs;

public sealed class JobIdTextSpecs
{
    [Fact]
    public void Every_id_has_one_text_and_every_other_text_is_none()
    {
        Gen.Guid.Sample(id => JobIdText.TryParse(JobIdText.Format(id), out var read) && read == id && JobIdText.Format(id).Length == 30);
        Gen.Char["abz27Aj_o9 "].Array[26].Select(letters => new string(letters)).Sample(text => !JobIdText.TryParse("job_" + text, out var id) || JobIdText.Format(id) == "job_" + text);
        Assert.False(JobIdText.TryParse(null, out _));
        Assert.False(JobIdText.TryParse("job_", out _));
        Assert.NotEqual(JobIdText.NewId(), JobIdText.NewId());
    }

    [Fact]
    public void Ten_thousand_ids_differ_in_each_of_their_bits_and_tell_neither_order_nor_time()
    {
        const int count = 10_000;
        var ids = Enumerable.Range(0, count).Select(_ => JobIdText.Format(JobIdText.NewId())).ToList();
        var bytes = ids.ConvertAll(text => JobIdText.TryParse(text, out var id) ? id.ToByteArray() : []);

        Assert.Equal(count, ids.Distinct().Count());
        foreach (var bit in Enumerable.Range(0, 128))
        {
            // Six standard deviations: a fixed bit, as versions have them, is a hundred away.
            Assert.InRange(bytes.Count(id => (id[bit / 8] >> (bit % 8) & 1) == 1), (count / 2) - 300, (count / 2) + 300);
            Assert.InRange(bytes.Zip(bytes.Skip(1)).Count(pair => ((pair.First[bit / 8] ^ pair.Second[bit / 8]) >> (bit % 8) & 1) == 1), (count / 2) - 300, (count / 2) + 300);
        }

        Assert.InRange(ids.Zip(ids.Skip(1)).Count(pair => string.CompareOrdinal(pair.First, pair.Second) < 0), (count / 2) - 300, (count / 2) + 300);
    }
}
