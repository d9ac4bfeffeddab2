using System.Text;

namespace PayRecharge.Domain.Payments;

/// <summary>A message as it came over the wire.</summary>
/// <param name="Body">Its bytes.</param>
/// <param name="ContentType">What its sender calls them; null if it does not say, and for text of our own.</param>
public sealed record RawMessage(byte[] Body, string? ContentType)
{
    /// <summary>The body for people to read. Bytes that are not UTF-8 are replaced.</summary>
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>A message of text.</summary>
    public static RawMessage Of(string text) => new(Encoding.UTF8.GetBytes(text), null);
}
