echo "Here we go"
python app.py
echo "That was it"
