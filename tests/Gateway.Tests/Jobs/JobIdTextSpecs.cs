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
}
