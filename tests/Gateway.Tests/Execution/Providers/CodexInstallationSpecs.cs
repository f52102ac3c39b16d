using System.Runtime.InteropServices;
using Gateway.Execution.Providers.Codex;
using Xunit;

namespace Gateway.Tests.Execution.Providers;

public sealed class CodexInstallationSpecs : IDisposable
{
    private static readonly string Package = RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "codex-linux-arm64" : "codex-linux-x64";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gwi");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_program_by_itself_is_started_as_it_is() =>
        Assert.Equal(new CodexInstallation(Made("bin/codex"), null), CodexInstallation.At(At("bin/codex")));

    [Fact]
    public void A_program_of_the_package_brings_the_programs_beside_it()
    {
        Made("pkg/codex-package.json");
        Assert.Equal(new CodexInstallation(Made("pkg/bin/codex"), At("pkg")), CodexInstallation.At(At("pkg/bin/codex")));
    }

    [Theory]
    [InlineData("@openai")]
    [InlineData("@openai/codex/node_modules/@openai")]
    public void The_front_of_npm_leads_to_the_program_of_its_platform(string where)
    {
        var vendor = $"{where}/{Package}/vendor/some-triple";
        Made($"{vendor}/codex-package.json");
        var program = Made($"{vendor}/bin/codex");
        Directory.CreateDirectory(At("bin"));
        File.CreateSymbolicLink(At("bin/codex"), Made("@openai/codex/bin/codex.js"));
        Assert.Equal(new CodexInstallation(program, At(vendor)), CodexInstallation.At(At("bin/codex")));
    }

    [Fact]
    public void A_front_whose_program_is_not_there_is_started_itself() =>
        Assert.Equal(new CodexInstallation(Made("@openai/codex/bin/codex.js"), null), CodexInstallation.At(At("@openai/codex/bin/codex.js")));

    private string At(string name) => Path.Combine(_folder.FullName, name);

    private string Made(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllText(At(name), "");
        return At(name);
    }
}
