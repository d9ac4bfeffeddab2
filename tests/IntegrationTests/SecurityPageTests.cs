using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace PayRecharge.IntegrationTests;

/// <summary>Each claim in docs/security.md names an existing test.</summary>
internal sealed partial class SecurityPageTests
{
    [Test]
    public void Each_claim_names_a_test_that_exists()
    {
        var tests = Path.GetDirectoryName(Path.GetDirectoryName(ThisFile()))!;
        var sources = Directory.GetFiles(tests, "*Tests.cs", SearchOption.AllDirectories).ToLookup(file => Path.GetFileNameWithoutExtension(file)!, File.ReadAllText);
        var page = File.ReadAllLines(Path.Combine(tests, "..", "docs", "security.md"));
        var claims = page.Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| claim ", StringComparison.Ordinal)).ToList();
        Assert.That(claims, Has.Count.AtLeast(20));
        foreach (var claim in claims)
        {
            var named = Named().Match(claim);
            Assert.That(named.Success, claim);
            Assert.That(sources[named.Groups["fixture"].Value].Any(source => Regex.IsMatch(source, $@"\b{named.Groups["test"].Value}\(")), claim);
        }
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"`(?<fixture>\w+Tests)\.(?<test>\w+)` \|$")]
    private static partial Regex Named();
}
