using System.Text.Json;
using Gateway.Policies.Documents;
using Gateway.Policies.Evaluation;
using Xunit;

namespace Gateway.Tests.Policies;

/// <summary>One meaning has one spelling before a policy sees it.</summary>
public sealed class PresentedArgumentsSpecs
{
    [Theory]
    [InlineData("""{ "permissionMode": "bypassPermissions" }""", """{"dangerouslySkipPermissions":true,"permissionMode":"bypassPermissions"}""")]
    [InlineData("""{ "dangerouslySkipPermissions": true, "maxTurns": 1.50 }""", """{"dangerouslySkipPermissions":true,"maxTurns":1.5,"permissionMode":"bypassPermissions"}""")]
    [InlineData("""{ "dangerouslySkipPermissions": true, "permissionMode": null }""", """{"dangerouslySkipPermissions":true,"permissionMode":"bypassPermissions"}""")]
    [InlineData("""{ "dangerouslySkipPermissions": true, "permissionMode": "plan" }""", """{"dangerouslySkipPermissions":true,"permissionMode":"plan"}""")]
    [InlineData("""{ "dangerouslySkipPermissions": false }""", """{"dangerouslySkipPermissions":false}""")]
    [InlineData("""{ "dangerouslySkipPermissions": "true" }""", """{"dangerouslySkipPermissions":"true"}""")]
    public void A_bypass_has_both_spellings_when_it_is_in_effect(string sent, string presented)
    {
        var arguments = JsonElement.Parse(sent);

        Assert.Equal(presented, CanonicalJson.Of(PresentedArguments.Of(arguments, PresentedArguments.IsClaudeBypass(arguments), null)));
    }

    [Theory]
    [InlineData("""{ "workspace": "a" }""", """{"workingDir":"/srv/a","workspace":"a"}""")]
    [InlineData("""{ "workspace": "a", "workingDir": null }""", """{"workingDir":"/srv/a","workspace":"a"}""")]
    [InlineData("""{ "workspace": "a", "workingDir": "b" }""", """{"workingDir":"b","workspace":"a"}""")]
    [InlineData("""{ "prompt": "a" }""", """{"prompt":"a"}""")]
    public void A_workspace_alone_stands_for_its_folder(string sent, string presented) =>
        Assert.Equal(presented, CanonicalJson.Of(PresentedArguments.Of(JsonElement.Parse(sent), isBypass: false, "/srv/a")));
}
