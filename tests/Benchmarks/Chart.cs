using System.Globalization;
using System.Security;
using System.Text;

namespace PayRecharge.Benchmarks;

/// <summary>A bar chart of the goals: how far each was reached, with a line at the goal.</summary>
internal static class Chart
{
    private const int Row = 22, Left = 520, Unit = 140, Most = 2, Top = 46;

    public static string Draw(IReadOnlyList<Finding> findings)
    {
        var height = Top + (findings.Count * Row) + 10;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $$"""
            <svg xmlns="http://www.w3.org/2000/svg" width="960" height="{{height}}" viewBox="0 0 960 {{height}}" role="img" aria-label="How each figure stands to its goal">
            <style>
              text { font: 12px system-ui, sans-serif; fill: #57606a } .met { fill: #2da44e } .missed { fill: #cf7a22 } line { stroke: #57606a }
              @media (prefers-color-scheme: dark) { text { fill: #b1bac4 } line { stroke: #b1bac4 } }
            </style>
            <text x="{{Left}}" y="16">how far the goal is reached; the line is the goal, longer is better</text>
            <line x1="{{Left + Unit}}" x2="{{Left + Unit}}" y1="{{Top - 16}}" y2="{{height - 10}}" stroke-dasharray="4 3"/>

            """);
        for (var i = 0; i < findings.Count; i++)
        {
            var (f, y) = (findings[i], Top + (i * Row));
            var width = Math.Min(f.Score, Most) * Unit;
            var label = SecurityElement.Escape($"{f.Where} {f.What}".Trim());
            svg.Append(CultureInfo.InvariantCulture, $"""
                <text x="{Left - 8}" y="{y + 4}" text-anchor="end">{label}</text>
                <rect x="{Left}" y="{y - 7}" width="{width:0.#}" height="14" rx="2" class="{(f.IsMet ? "met" : "missed")}"/>
                <text x="{Left + (Most * Unit) + 8}" y="{y + 4}">{Report.Round(f.Median)} {f.Unit} ({(f.AtLeast ? '≥' : '≤')} {f.Goal})</text>

                """);
        }
        return svg.Append("</svg>\n").ToString();
    }
}
