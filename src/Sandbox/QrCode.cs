using System.Text;
using QRCoder;

namespace PayRecharge.Sandbox;

/// <summary>The gateway names a picture by the standard Base64 of its text, so drawing it needs no stored data.</summary>
internal static class QrCode
{
    private const int LongestText = 512;
    private const int PixelsPerModule = 8;

    public static string Name(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    /// <returns>A PNG, or null if the name cannot come from <see cref="Name"/>.</returns>
    public static byte[]? Draw(string name)
    {
        var bytes = new byte[LongestText];
        if (!Convert.TryFromBase64String(name, bytes, out var length) || length == 0)
            return null;

        using var data = QRCodeGenerator.GenerateQrCode(Encoding.UTF8.GetString(bytes, 0, length), QRCodeGenerator.ECCLevel.M, forceUtf8: true);
        using var picture = new PngByteQRCode(data);
        return picture.GetGraphic(PixelsPerModule);
    }
}
